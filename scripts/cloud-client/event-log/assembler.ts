/** Takes JSON values one by one, and emits session events once duplicates and the owning session are known. */
import { eventType } from '../../../functions/policies/engine';
import { withinCalendar } from '../../../shared/clock';
import { AccountNames } from './account-names';
import { SessionFinder } from './assign-sessions';
import { countDetected, countUnused, type EventLogCounts, newCounts } from './counts';
import { BODY_NOT_UNDERSTOOD, detect, namedFields } from './detect';
import { readLogRecord } from './dialects';
import { eventId, RecordNumbers } from './event-id';
import { eventRows } from './event-table';
import { MachineClocks } from './event-time';
import { type PendingEvent, type PendingLogEvent } from './pending-event';
import { type Fields, type LogRecord, type LogSource, sourceOf } from './log-record';
import { isLogonRecord, isStartRecord, LogonFacts } from './logon-facts';
import { MachineNames } from './machine-names';
import { type MainSpan } from './main-span';
import { hasTime } from './record-times';
import { MALFORMED } from './split-json';
import { type Timestamp } from './timestamps';
import { UsedTimes } from './used-times';
import {
  isSessionEventInput,
  type SessionEventInput,
  parseSessionEventInput,
  type SessionIdentity,
} from './session-event-input';
import { type SessionBatch, SessionBatcher, type SessionInfo } from './session-batcher';
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
  private readonly names = new MachineNames();
  private readonly clocks = new MachineClocks(this.names.aliasesOf);
  private readonly logons = new LogonFacts();
  private readonly accounts = new AccountNames();
  private readonly numbers = new RecordNumbers();
  private readonly duplicates = new DuplicateTracker();
  private readonly sessions: SessionBatcher;
  private readonly usedTimes = new UsedTimes();

  /** `defaultSession` applies to session events that name none. */
  constructor(defaultSession?: SessionIdentity) {
    this.sessions = new SessionBatcher((host) => this.names.spelling(host), defaultSession);
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
    const placeOf = ({ host, timestamp }: PendingLogEvent): { host: string; time: number } => ({
      host: this.names.canonical(host),
      time: this.timeOf(host, timestamp),
    });
    const logEvents = this.pending.filter((event) => event.kind === 'log');
    const found = this.duplicates.withoutDuplicates(logEvents, placeOf);
    for (const event of found.duplicates)
      countUnused(this.counts, event, `duplicate of ${eventType(event.type).name}`);
    const kept = [...this.pending.filter((event) => event.kind === 'sessionEvent'), ...found.kept].sort(
      (left, right) => left.timestamp.sequence - right.timestamp.sequence,
    );
    const due = kept.filter((event) => event.timestamp.sequence <= upTo);
    this.pending = kept.filter((event) => event.timestamp.sequence > upTo);
    this.duplicates.markReleased(
      due.filter((event) => event.kind === 'log'),
      placeOf,
    );

    const finder = new SessionFinder(this.logons, this.names, this.timeOfHost);
    this.sessions.update(finder.sessions, upTo);
    for (const event of due) this.emit(event, finder, shiftMs);
    return this.sessions.takeBatches(shiftMs);
  }

  /** Emits the oldest pending events, all but the given number. */
  releaseOldest(remaining: number): SessionBatch[] {
    const last = this.pending[Math.max(this.pending.length - Math.floor(remaining) - 1, 0)];
    return last ? this.release(last.timestamp.sequence) : [];
  }

  /** When the records happened that tell of sessions, milliseconds since 1970; undefined when none does. */
  span(): MainSpan | undefined {
    return this.usedTimes.span(this.timeOfHost);
  }

  private addSessionEvent(input: SessionEventInput | undefined): void {
    if (!input) {
      countUnused(this.counts, SESSION_EVENT, 'not a valid session event');
      return;
    }
    const timestamp = { times: { utc: Date.parse(input.event.time) }, sequence: this.sequence };
    this.usedTimes.note('', timestamp);
    this.pending.push({ kind: 'sessionEvent', type: input.event.type, timestamp, input, ...SESSION_EVENT });
  }

  private addRecord(record: LogRecord, value: unknown): void {
    const timestamp = { times: record.times, sequence: this.sequence };
    const host = this.names.note(record.host);
    this.clocks.learn(host, record.times, this.sequence);
    if (!hasTime(record.times)) {
      const reason =
        record.times.isWritten === true ? 'its time is not understood' : 'the record has no time';
      countUnused(this.counts, record, reason);
      return;
    }
    const source = sourceOf(record);
    if (!source || !isRelevant(record, source)) {
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
    this.usedTimes.note(host, timestamp);
    this.logons.learn(source, record, host, fields, timestamp);
    if (source === 'security') this.accounts.learn(record.eventId, fields);
    if (eventRows(source, record.provider, record.eventId).length === 0) {
      countUnused(this.counts, record, reasonWithoutEvent(record, source, fields));
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
        : this.sessionOfInput(event.input.session, finder, time);
    countDetected(this.counts, event.type, 'detected');
    countDetected(this.counts, event.type, session ? 'inSessions' : 'withoutSession');
    if (!session) return;
    const shifted = withinCalendar(new Date(time + shiftMs)).toISOString();
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

  private sessionOfInput(
    identity: SessionIdentity | undefined,
    finder: SessionFinder,
    time: number,
  ): SessionInfo | undefined {
    const ofLog = identity && finder.ofIdentity(identity, time);
    if (ofLog) return this.sessions.sessionOf(ofLog);
    return this.sessions.sessionOfIdentity(identity) ?? this.sessions.onlySessionAt(time);
  }

  /** The data, with the name of the account acted on that other records gave for its SID. */
  private withAccountNames({ data, accountSid }: PendingLogEvent): PendingLogEvent['data'] {
    const name = accountSid === undefined ? undefined : this.accounts.nameOf(accountSid);
    return name === undefined ? data : { ...data, userName: name };
  }

  private timeOf(host: string, { times, sequence }: Timestamp): number {
    return this.clocks.resolve(host, times, sequence) ?? 0;
  }

  private readonly timeOfHost = (host: string, timestamp: Timestamp): number => this.timeOf(host, timestamp);
}

/** Whether a record can yield an event, or tells of logons. */
function isRelevant(record: LogRecord, source: LogSource): boolean {
  const { provider, eventId: id } = record;
  return (
    eventRows(source, provider, id).length > 0 || isLogonRecord(source, id) || isStartRecord(record, source)
  );
}

/** Why a record that is not in the table of events yields none. */
function reasonWithoutEvent(record: LogRecord, source: LogSource, fields: Fields): string {
  if (isStartRecord(record, source)) return 'shows a start of the machine or its log only';
  const logonId = fields.TargetLogonId ?? fields.LogonID;
  return logonId === undefined ? BODY_NOT_UNDERSTOOD : 'describes a logon only';
}
