/** Reads a Windows event log into the events of sessions: all at once, or as it grows. */
import type { SessionEvent } from '../../../functions/policies/engine';
import { Assembler } from './assembler';
import { type EventLogCounts } from './counts';
import { followInput } from './follow-input';
import { type EventLogSource, readRecords } from './read-records';
import { type SessionIdentity } from './session-event-input';
import { type SessionBatch, type SessionInfo } from './session-batcher';

export interface ReadOptions {
  /** The session of session events that name none. */
  readonly defaultSession?: SessionIdentity;
  /** Moves all times, so that the last record happens at this time; as they are without it. */
  readonly lastRecordAt?: Date;
}

export interface EventLogSession extends SessionInfo {
  /** Of the first event, or the logon if that was earlier; RFC 3339. Undefined when neither is known. */
  readonly firstTime?: string;
  /** Of the last event, or the logoff if that was later. */
  readonly lastTime?: string;
  /** In order of time. */
  readonly events: readonly SessionEvent[];
}

/**
 * Reads a whole log. The records pass through; only session events are kept in memory.
 * Throws errors of the file system; a faulty record is counted, never thrown.
 */
export async function readEventLog(
  source: EventLogSource,
  options: ReadOptions = {},
): Promise<{ sessions: EventLogSession[]; counts: EventLogCounts }> {
  const assembler = new Assembler(options.defaultSession);
  for await (const values of readRecords(source)) for (const value of values) assembler.add(value);
  const lastTime = assembler.lastTime();
  const shiftMs =
    options.lastRecordAt && lastTime !== undefined ? options.lastRecordAt.getTime() - lastTime : 0;
  return { sessions: assembler.release(Infinity, shiftMs).map(wholeSession), counts: assembler.counts };
}

function wholeSession({ session, events, startedAt, endedAt }: SessionBatch): EventLogSession {
  const times = [startedAt, events[0]?.time, events.at(-1)?.time, endedAt]
    .filter((time) => time !== undefined)
    .sort((left, right) => Date.parse(left) - Date.parse(right));
  return { ...session, firstTime: times[0], lastTime: times.at(-1), events };
}

export interface FollowOptions {
  readonly defaultSession?: SessionIdentity;
  /** How long a record waits for its duplicates and its session; forwarders deliver the logs of a machine separately. */
  readonly holdMilliseconds?: number;
  /** How often a folder is polled. */
  readonly pollMilliseconds?: number;
  /** Maximum number of pending events; beyond it the older half is released early. Bounds the memory. */
  readonly maxPendingEvents?: number;
  /** Stops following a folder, after its present content has been released. */
  readonly signal?: AbortSignal;
}

export interface FollowedEventLog {
  /** Updates of sessions as they occur; ends with the source, for a folder at the signal. */
  readonly batches: AsyncIterable<SessionBatch>;
  /** Grows while batches are taken. */
  readonly counts: EventLogCounts;
}

/** Reads a log of any size, or one that grows (a folder, standard input), and emits events while it reads. */
export function followEventLog(source: EventLogSource, options: FollowOptions = {}): FollowedEventLog {
  const assembler = new Assembler(options.defaultSession);
  return { batches: follow(assembler, source, options), counts: assembler.counts };
}

const DEFAULTS = { holdMilliseconds: 5_000, pollMilliseconds: 1_000, maxPendingEvents: 50_000 };

async function* follow(
  assembler: Assembler,
  source: EventLogSource,
  options: FollowOptions,
): AsyncGenerator<SessionBatch> {
  const { holdMilliseconds, pollMilliseconds, maxPendingEvents } = { ...DEFAULTS, ...options };
  /** When each position of the input was reached. */
  const marks: { at: number; position: number }[] = [];
  for await (const values of followInput(source, pollMilliseconds, options.signal)) {
    for (const value of values) {
      assembler.add(value);
      if (assembler.pendingCount > maxPendingEvents) yield* assembler.releaseOldest(maxPendingEvents / 2);
    }
    const now = performance.now();
    marks.push({ at: now, position: assembler.position });
    const due = marks.findLastIndex((mark) => mark.at <= now - holdMilliseconds);
    const [last] = due < 0 ? [] : marks.splice(0, due + 1).slice(-1);
    if (last) yield* assembler.release(last.position);
  }
  yield* assembler.release();
}
