/** Cuts a batch of session events into parts, each small enough for one published event. */
import type { SessionEvent } from './engine/event';

/** Event Grid bills 64 KB at a time; the rest is for the envelope. */
export const MAX_PART_BYTES = 60_000;

/**
 * The events in their order, in parts of at most so many bytes as JSON; an event that is larger by itself has its own.
 * The same events give the same parts.
 */
export function cutIntoParts(events: readonly SessionEvent[], maxBytes = MAX_PART_BYTES): SessionEvent[][] {
  const parts: SessionEvent[][] = [];
  let part: SessionEvent[] = [];
  let partBytes = 0;
  for (const event of events) {
    const eventBytes = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (part.length > 0 && partBytes + eventBytes > maxBytes) {
      parts.push(part);
      part = [];
      partBytes = 0;
    }
    part.push(event);
    partBytes += eventBytes;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
