/** Reads a Windows event log into the events of sessions: all at once, or as it grows. */
import type { SessionEvent } from '../../../functions/policies/engine';
import { Assembler } from './assembler';
import { type EventLogCounts } from './counts';
import { followInput } from './follow-input';
import { mainSpan, type MainSpan } from './main-span';
import { type EventLogSource, readRecords } from './read-records';
import { type SessionIdentity } from './session-event-input';
import { type SessionBatch, type SessionInfo } from './session-batcher';

export interface ReadOptions {
  /** The session of session events that name none. */
  readonly defaultSession?: SessionIdentity;
  /** Moves all times, so that the last record that tells of a session happens at this time; as they are without it. */
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
  const { counts } = assembler;
  for await (const values of readRecords(source, () => (counts.linesNotUtf8 += 1)))
    for (const value of values) assembler.add(value);
  const span = assembler.span();
  counts.strayRecords = span?.strayCount ?? 0;
  const shiftMs = options.lastRecordAt && span ? options.lastRecordAt.getTime() - span.last : 0;
  return { sessions: assembler.release(Infinity, shiftMs).map(wholeSession), counts };
}

function wholeSession(batch: SessionBatch): EventLogSession {
  const { session, events, endedAt } = batch;
  const lastEvent = spanOf(events)?.last ?? -Infinity;
  const lastTime = Math.max(endedAt === undefined ? -Infinity : Date.parse(endedAt), lastEvent);
  return {
    ...session,
    firstTime: startOfSession(batch),
    lastTime: lastTime === -Infinity ? undefined : new Date(lastTime).toISOString(),
    events,
  };
}

/**
 * When a session began, RFC 3339: at its logon, else with its first event; undefined when it has neither. One event of a
 * clock that was not set must not make it years old, which the service refuses.
 */
export function startOfSession({
  startedAt,
  events,
}: Pick<SessionBatch, 'startedAt' | 'events'>): string | undefined {
  const span = spanOf(events);
  return startedAt ?? (span && new Date(span.first).toISOString());
}

function spanOf(events: readonly SessionEvent[]): MainSpan | undefined {
  const times = events.map(({ time }) => Date.parse(time));
  return mainSpan(times.map((time) => ({ first: time, last: time, count: 1 })));
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
  const { counts } = assembler;
  const onOtherEncoding = (): void => void (counts.linesNotUtf8 += 1);
  for await (const values of followInput(source, pollMilliseconds, onOtherEncoding, options.signal)) {
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
