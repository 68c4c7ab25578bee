/** Splits a batch of session events into chunks, each small enough for one published event. */
import type { SessionEvent } from '../policies/engine';

/** Event Grid bills 64 KB at a time; the rest is for the envelope. */
export const MAX_CHUNK_BYTES = 60_000;

/**
 * The events in their order, in chunks of at most so many bytes as JSON; an event that is larger by itself has its own.
 * The same events give the same chunks.
 */
export function chunkEvents(events: readonly SessionEvent[], maxBytes = MAX_CHUNK_BYTES): SessionEvent[][] {
  const chunks: SessionEvent[][] = [];
  let chunk: SessionEvent[] = [];
  let chunkBytes = 0;
  for (const event of events) {
    const eventBytes = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (chunk.length > 0 && chunkBytes + eventBytes > maxBytes) {
      chunks.push(chunk);
      chunk = [];
      chunkBytes = 0;
    }
    chunk.push(event);
    chunkBytes += eventBytes;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}
