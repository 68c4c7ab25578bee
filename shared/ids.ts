/** Ids: sortable by time, derivable from what must be unique, and carrying their partition. */
import { createHash } from 'node:crypto';
import { v4, v5, v7 } from 'uuid';

/** Namespace of every id that is derived from names (RFC 9562, version 5). */
const NAMESPACE = '6f2f3a54-1d0b-4f0a-9a55-9f6a3c1d7e10';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A new id that sorts by creation time (UUIDv7). */
export function newId(): string {
  return v7();
}

/**
 * An id that tells nothing about its creation and is evenly spread (UUIDv4), made of a new one so that a repeated request
 * makes the same.
 */
export function randomIdFrom(newId: string): string {
  return v4({ random: createHash('sha256').update(newId).digest() });
}

/** A deterministic id for the same parts (UUIDv5 over the parts' JSON). */
export function derivedId(...parts: string[]): string {
  return v5(JSON.stringify(parts), NAMESPACE);
}

/** The same id for the same instant and parts, sorting by the instant (UUIDv7 with the parts' hash for its chance). */
export function timedId(instant: Date, ...parts: string[]): string {
  const random = createHash('sha256').update(JSON.stringify(parts)).digest();
  return v7({ msecs: instant.getTime(), random });
}

/** Whether the text is a UUID in lower case, as this service writes them. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The id of a session that starts at `start`: UUIDv7, random below the millisecond. */
export function newSessionId(start: Date): string {
  return v7({ msecs: start.getTime() });
}

/** The UTC month (`2026-11`) in which a session id was made: the partition of all its recordings. */
export function monthOfSession(sessionId: string): string {
  const milliseconds = Number.parseInt(sessionId.replaceAll('-', '').slice(0, 12), 16);
  return monthOf(new Date(milliseconds));
}

/** The UTC month of an instant, as `2026-11`. */
export function monthOf(instant: Date): string {
  return instant.toISOString().slice(0, 7);
}

/** The id of the n-th recording of a session (n from 1): session id + `-` + part number. */
export function recordingId(sessionId: string, part: number): string {
  return `${sessionId}-${String(part).padStart(4, '0')}`;
}

/** Session and part of a recording id, or undefined when the text is not one. */
export function parseRecordingId(id: string): { sessionId: string; part: number } | undefined {
  const sessionId = id.slice(0, 36);
  const part = id.slice(36);
  if (!isUuid(sessionId) || sessionId[14] !== '7' || !/^-\d{4}$/.test(part)) return undefined;
  return { sessionId, part: Number(part.slice(1)) };
}

/** SHA-256 of a text, as lower-case hex; different texts have different ones. */
export function sha256Hex(text: string | Uint8Array): string {
  const isIllFormed = typeof text === 'string' && /\p{Surrogate}/u.test(text);
  const hashed = isIllFormed ? Buffer.concat([NOT_UTF8, Buffer.from(text, 'utf16le')]) : text;
  return createHash('sha256').update(hashed).digest('hex');
}

/** UTF-8 has one form for all unpaired surrogates, so that texts with them are hashed as UTF-16; no UTF-8 begins so. */
const NOT_UTF8 = Buffer.of(0xff);
