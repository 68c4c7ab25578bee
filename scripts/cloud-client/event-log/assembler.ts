/** Takes JSON values one by one, and gives session events out once it is known what repeats what and whose session it was. */
import { eventType } from '../../../functions/policies/engine';
import { AccountNames } from './account-names';
import { SessionFinder } from './assign-sessions';
import { countDetected, countUnused, type EventLogCounts, newCounts } from './counts';
import { detect, namedFields } from './detect';
import { readLogRecord } from './dialects';
import { eventId, RecordNumbers } from './event-id';
import { eventRows } from './event-table';
import { MachineClocks } from './event-time';
import { type HeldEvent, type HeldLogEvent } from './held-event';
import { type LogRecord, type LogSource, sourceOf } from './log-record';
import { LogonRegistry, tellsOfLogons } from './logons';
import { ExtremeMoment, type Moment } from './moments';
import { MALFORMED } from './read-records';
import { looksReady, type ReadyEvent, readReadyEvent, type SessionIdentity } from './ready-event';
import { type SessionBatch, SessionHeads } from './session-heads';
import { Twins } from './twins';

/** What of the input has no channel is counted under these. */
const NOT_JSON = { channel: '(no JSON object)' };
const NO_RECORD = { channel: '(no event log record)' };
const READY = { channel: '(session event)' };

/**
 * The steps between JSON values and session events. What tells of clocks, logons and accounts is learned as it comes; what makes an
 * event waits until it is asked for, so that the order of records does not matter among those that wait.
 */
export class Assembler {
  readonly counts: EventLogCounts = newCounts();
  private held: HeldEvent[] = [];
  private sequence = 0;
  private readonly clocks = new MachineClocks();
  private readonly logons = new LogonRegistry();
  private readonly accounts = new AccountNames();
  private readonly numbers = new RecordNumbers();
  private readonly twins = new Twins();
  private readonly heads: SessionHeads;
  /** The last record of each machine. */
  private readonly newest = new Map<string, ExtremeMoment>();

  /** `defaultSession` is that of ready-made events which tell none. */
  constructor(defaultSession?: SessionIdentity) {
    this.heads = new SessionHeads(defaultSession);
  }

  /** Events that wait. */
  get heldCount(): number {
    return this.held.length;
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
    if (looksReady(value)) {
      this.addReady(readReadyEvent(value));
      return;
    }
    const record = readLogRecord(value);
    if (record) this.addRecord(record, value);
    else countUnused(this.counts, NO_RECORD, 'not understood');
  }

  /**
   * Gives out the events of the values up to a position, all by default, by session; sessions that are new or over come without
   * events too. `shiftMs` is added to every time. What is given out later goes by what was learned until then.
   */
  release(upTo = Infinity, shiftMs = 0): SessionBatch[] {
    const logEvents = this.held.filter((event) => event.kind === 'log');
    const timeOf = (event: HeldLogEvent): number => this.timeOf(event.host, event.moment);
    const repeats = this.twins.repeatsAmong(logEvents, timeOf);
    for (const event of repeats)
      countUnused(this.counts, event, `duplicate of ${eventType(event.type).name}`);
    const kept = this.held.filter((event) => event.kind === 'ready' || !repeats.has(event));
    const due = kept.filter((event) => event.moment.sequence <= upTo);
    this.held = kept.filter((event) => event.moment.sequence > upTo);
    this.twins.noteSent(
      due.filter((event) => event.kind === 'log'),
      timeOf,
    );

    const finder = new SessionFinder(this.logons, (host, moment) => this.timeOf(host, moment));
    this.heads.update(finder.sessions, upTo);
    for (const event of due) this.giveOut(event, finder, shiftMs);
    return this.heads.takeBatches(shiftMs);
  }

  /** Gives out the events that have waited longest, all but so many. */
  releaseOldest(remaining: number): SessionBatch[] {
    const last = this.held[Math.max(this.held.length - Math.floor(remaining) - 1, 0)];
    return last ? this.release(last.moment.sequence) : [];
  }

  /** The time of the last record read, milliseconds since 1970; undefined when none told a time. */
  lastTime(): number | undefined {
    const times = [...this.newest].map(([host, last]) => last.resolve((moment) => this.timeOf(host, moment)));
    return times.length === 0 ? undefined : times.reduce((left, right) => Math.max(left, right));
  }

  private addReady(ready: ReadyEvent | undefined): void {
    if (!ready) {
      countUnused(this.counts, READY, 'not a valid session event');
      return;
    }
    const moment = { times: { utc: Date.parse(ready.event.time) }, sequence: this.sequence };
    this.noteTime('', moment);
    this.held.push({ kind: 'ready', type: ready.event.type, moment, ready, ...READY });
  }

  private addRecord(record: LogRecord, value: unknown): void {
    const moment = { times: record.times, sequence: this.sequence };
    const host = record.host.toLowerCase();
    this.clocks.learn(host, record.times, this.sequence);
    if (this.clocks.resolve(host, record.times, this.sequence) === undefined) {
      countUnused(this.counts, record, 'the record tells no time');
      return;
    }
    this.noteTime(host, moment);
    const source = sourceOf(record);
    const hasRows = source !== undefined && eventRows(source, record.provider, record.eventId).length > 0;
    if (!source || (!hasRows && !tellsOfLogons(source, record.eventId))) {
      countUnused(this.counts, record, 'not a session event');
      return;
    }
    const number = this.numbers.numberOf(record, value);
    if (number === undefined) countUnused(this.counts, record, 'the same record was read before');
    else this.take(record, source, number, moment);
  }

  /** A record that makes an event, or tells of a logon, or both. */
  private take(record: LogRecord, source: LogSource, number: string, moment: Moment): void {
    const host = record.host.toLowerCase();
    const details = record.details();
    const fields = namedFields(record, source, details);
    this.heads.noteHostName(host, record.host);
    this.logons.learn(source, record.eventId, host, fields, moment);
    if (source === 'security') this.accounts.learn(record.eventId, fields);
    if (eventRows(source, record.provider, record.eventId).length === 0) {
      countUnused(this.counts, record, 'tells of a logon only');
      return;
    }
    const detection = detect(record, source, fields, details);
    if ('reason' in detection) {
      countUnused(this.counts, record, detection.reason);
      return;
    }
    const { channel, eventId: id } = record;
    this.held.push({ kind: 'log', host, channel, eventId: id, number, moment, ...detection });
  }

  private giveOut(event: HeldEvent, finder: SessionFinder, shiftMs: number): void {
    const time = event.kind === 'log' ? this.timeOf(event.host, event.moment) : (event.moment.times.utc ?? 0);
    const session =
      event.kind === 'log'
        ? this.heads.headOf(finder.find(event.host, event.actor, time))
        : this.heads.headOfReady(event.ready.session);
    countDetected(this.counts, event.type, 'detected');
    countDetected(this.counts, event.type, session ? 'inSessions' : 'withoutSession');
    if (!session) return;
    const shifted = new Date(time + shiftMs).toISOString();
    const finished =
      event.kind === 'ready'
        ? { ...event.ready.event, time: shiftMs === 0 ? event.ready.event.time : shifted }
        : {
            id: eventId(event.host, event.channel, event.number, shifted),
            type: event.type,
            time: shifted,
            data: this.named(event),
          };
    this.heads.push(session, finished);
  }

  /** The data, with names for SIDs where other records told them. */
  private named({ type, data }: HeldLogEvent): HeldLogEvent['data'] {
    const { userName } = data;
    return type === 'userAccountModification' && typeof userName === 'string'
      ? { ...data, userName: this.accounts.nameOf(userName) }
      : data;
  }

  private timeOf(host: string, { times, sequence }: Moment): number {
    return this.clocks.resolve(host, times, sequence) ?? 0;
  }

  private noteTime(host: string, moment: Moment): void {
    const last = this.newest.get(host) ?? new ExtremeMoment('last');
    last.note(moment);
    this.newest.set(host, last);
  }
}
