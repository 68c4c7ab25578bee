/** Takes JSON values one by one, and emits session events once duplicates and the owning session are known. */
import { eventType } from '../../../functions/policies/engine';
import { AccountNames } from './account-names';
import { SessionFinder } from './assign-sessions';
import { countDetected, countUnused, type EventLogCounts, newCounts } from './counts';
import { detect, namedFields } from './detect';
import { readLogRecord } from './dialects';
import { eventId, RecordNumbers } from './event-id';
import { eventRows } from './event-table';
import { MachineClocks } from './event-time';
import { type PendingEvent, type PendingLogEvent } from './pending-event';
import { type LogRecord, type LogSource, sourceOf } from './log-record';
import { LogonRegistry, isLogonRecord } from './logons';
import { ExtremeTimestamp, type Timestamp } from './timestamps';
import { MALFORMED } from './read-records';
import {
  isSessionEventInput,
  type SessionEventInput,
  parseSessionEventInput,
  type SessionIdentity,
} from './session-event-input';
import { type SessionBatch, SessionBatcher } from './session-batcher';
import { DuplicateTracker } from './duplicate-tracker';

/** Input without a channel is counted under these. */
const NOT_JSON = { channel: '(no JSON object)' };
const NO_RECORD = { channel: '(no event log record)' };
const SESSION_EVENT = { channel: '(session event)' };

/**
 * The steps between JSON values and session events. Clocks, logons and accounts are learned as records arrive; events
 * stay pending until they are released, so that the order of pending records does not matter.
 */
export class Assembler {
  readonly counts: EventLogCounts = newCounts();
  private pending: PendingEvent[] = [];
  private sequence = 0;
  private readonly clocks = new MachineClocks();
  private readonly logons = new LogonRegistry();
  private readonly accounts = new AccountNames();
  private readonly numbers = new RecordNumbers();
  private readonly duplicates = new DuplicateTracker();
  private readonly sessions: SessionBatcher;
  /** The last record of each machine. */
  private readonly newest = new Map<string, ExtremeTimestamp>();

  /** `defaultSession` applies to session events that name none. */
  constructor(defaultSession?: SessionIdentity) {
    this.sessions = new SessionBatcher(defaultSession);
  }

  /** Number of pending events. */
  get pendingCount(): number {
    return this.pending.length;
  }

  /** How many values were taken so far; `release` takes such a number. */
  get position(): number {
    return this.sequence;
  }

  /** Takes a JSON value or `MALFORMED`. Never throws, whatever the value is. */
  add(value: unknown): void {
    this.counts.recordsRead += 1;
    this.sequence += 1;
    if (value === MALFORMED) {
      countUnused(this.counts, NOT_JSON, 'malformed');
      return;
    }
    if (isSessionEventInput(value)) {
      this.addSessionEvent(parseSessionEventInput(value));
      return;
    }
    const record = readLogRecord(value);
    if (record) this.addRecord(record, value);
    else countUnused(this.counts, NO_RECORD, 'not understood');
  }

  /**
   * Emits the events of the values up to a position, all by default, by session; sessions that are new or have ended
   * are emitted without events too. `shiftMs` is added to every time. Later releases use what was learned until then.
   */
  release(upTo = Infinity, shiftMs = 0): SessionBatch[] {
    const logEvents = this.pending.filter((event) => event.kind === 'log');
    const timeOf = (event: PendingLogEvent): number => this.timeOf(event.host, event.timestamp);
    const duplicates = this.duplicates.duplicatesAmong(logEvents, timeOf);
    for (const event of duplicates)
      countUnused(this.counts, event, `duplicate of ${eventType(event.type).name}`);
    const kept = this.pending.filter((event) => event.kind === 'sessionEvent' || !duplicates.has(event));
    const due = kept.filter((event) => event.timestamp.sequence <= upTo);
    this.pending = kept.filter((event) => event.timestamp.sequence > upTo);
    this.duplicates.markReleased(
      due.filter((event) => event.kind === 'log'),
      timeOf,
    );

    const finder = new SessionFinder(this.logons, (host, timestamp) => this.timeOf(host, timestamp));
    this.sessions.update(finder.sessions, upTo);
    for (const event of due) this.emit(event, finder, shiftMs);
    return this.sessions.takeBatches(shiftMs);
  }

  /** Emits the oldest pending events, all but the given number. */
  releaseOldest(remaining: number): SessionBatch[] {
    const last = this.pending[Math.max(this.pending.length - Math.floor(remaining) - 1, 0)];
    return last ? this.release(last.timestamp.sequence) : [];
  }

  /** The time of the last record read, milliseconds since 1970; undefined when none had a time. */
  lastTime(): number | undefined {
    const times = [...this.newest].map(([host, last]) =>
      last.resolve((timestamp) => this.timeOf(host, timestamp)),
    );
    return times.length === 0 ? undefined : times.reduce((left, right) => Math.max(left, right));
  }

  private addSessionEvent(input: SessionEventInput | undefined): void {
    if (!input) {
      countUnused(this.counts, SESSION_EVENT, 'not a valid session event');
      return;
    }
    const timestamp = { times: { utc: Date.parse(input.event.time) }, sequence: this.sequence };
    this.noteTime('', timestamp);
    this.pending.push({ kind: 'sessionEvent', type: input.event.type, timestamp, input, ...SESSION_EVENT });
  }

  private addRecord(record: LogRecord, value: unknown): void {
    const timestamp = { times: record.times, sequence: this.sequence };
    const host = record.host.toLowerCase();
    this.clocks.learn(host, record.times, this.sequence);
    if (this.clocks.resolve(host, record.times, this.sequence) === undefined) {
      countUnused(this.counts, record, 'the record has no time');
      return;
    }
    this.noteTime(host, timestamp);
    const source = sourceOf(record);
    const hasRows = source !== undefined && eventRows(source, record.provider, record.eventId).length > 0;
    if (!source || (!hasRows && !isLogonRecord(source, record.eventId))) {
      countUnused(this.counts, record, 'not a session event');
      return;
    }
    const number = this.numbers.numberOf(record, value);
    if (number === undefined) countUnused(this.counts, record, 'the same record was read before');
    else this.addRelevant(record, source, number, timestamp);
  }

  /** A record that yields an event, or describes a logon, or both. */
  private addRelevant(record: LogRecord, source: LogSource, number: string, timestamp: Timestamp): void {
    const host = record.host.toLowerCase();
    const details = record.details();
    const fields = namedFields(record, source, details);
    this.sessions.noteHostName(host, record.host);
    this.logons.learn(source, record.eventId, host, fields, timestamp);
    if (source === 'security') this.accounts.learn(record.eventId, fields);
    if (eventRows(source, record.provider, record.eventId).length === 0) {
      countUnused(this.counts, record, 'describes a logon only');
      return;
    }
    const detection = detect(record, source, fields, details);
    if ('reason' in detection) {
      countUnused(this.counts, record, detection.reason);
      return;
    }
    const { channel, eventId: id } = record;
    this.pending.push({ kind: 'log', host, channel, eventId: id, number, timestamp, ...detection });
  }

  private emit(event: PendingEvent, finder: SessionFinder, shiftMs: number): void {
    const time =
      event.kind === 'log' ? this.timeOf(event.host, event.timestamp) : (event.timestamp.times.utc ?? 0);
    const session =
      event.kind === 'log'
        ? this.sessions.sessionOf(finder.find(event.host, event.actor, time))
        : this.sessions.sessionOfIdentity(event.input.session);
    countDetected(this.counts, event.type, 'detected');
    countDetected(this.counts, event.type, session ? 'inSessions' : 'withoutSession');
    if (!session) return;
    const shifted = new Date(time + shiftMs).toISOString();
    const finished =
      event.kind === 'sessionEvent'
        ? { ...event.input.event, time: shiftMs === 0 ? event.input.event.time : shifted }
        : {
            id: eventId(event.host, event.channel, event.number, shifted),
            type: event.type,
            time: shifted,
            data: this.withAccountNames(event),
          };
    this.sessions.push(session, finished);
  }

  /** The data, with names for SIDs where other records gave them. */
  private withAccountNames({ type, data }: PendingLogEvent): PendingLogEvent['data'] {
    const { userName } = data;
    return type === 'userAccountModification' && typeof userName === 'string'
      ? { ...data, userName: this.accounts.nameOf(userName) }
      : data;
  }

  private timeOf(host: string, { times, sequence }: Timestamp): number {
    return this.clocks.resolve(host, times, sequence) ?? 0;
  }

  private noteTime(host: string, timestamp: Timestamp): void {
    const last = this.newest.get(host) ?? new ExtremeTimestamp('last');
    last.note(timestamp);
    this.newest.set(host, last);
  }
}
