/** Splits a batch of session events into chunks, each small enough for one published event. */
import type { SessionEvent } from '../policies/engine';

/** Event Grid bills in units of 64 KB; the rest is for the envelope. */
export const MAX_CHUNK_BYTES = 60_000;

/**
 * The events in order, in chunks of at most this many bytes as JSON; a larger event gets its own chunk.
 * Deterministic.
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
