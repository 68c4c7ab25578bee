/** Counts the outcome of every record, so that records read and outcomes add up. */
import { EVENT_TYPES, type EventTypeId } from '../../../functions/policies/engine';

export interface TypeCount {
  /** Events found in the log, before they are assigned to sessions. */
  detected: number;
  /** Those assigned to a session. */
  inSessions: number;
  /** Those for which there is no session, or more than one candidate. */
  withoutSession: number;
}

export interface UnusedCount {
  readonly channel: string;
  /** Undefined where the record has none. */
  readonly eventId?: number;
  readonly reason: string;
  count: number;
}

/**
 * `recordsRead` = all `detected` + all `unused`; `detected` = `inSessions` + `withoutSession` once all events are
 * released.
 */
export interface EventLogCounts {
  recordsRead: number;
  readonly detected: Map<EventTypeId, TypeCount>;
  /** By channel (in lower case), event id and reason. */
  readonly unused: Map<string, UnusedCount>;
  /** Lines that are not UTF-8 and were taken for Windows-1252. */
  linesNotUtf8: number;
  /** Records of sessions that are years away from all others. */
  strayRecords: number;
}

export interface SummaryRow {
  /** An event type's name, or a channel with an event id. */
  readonly what: string;
  /** Why records yield no event, or what they duplicate; empty for those that do. */
  readonly remark: string;
  readonly records: number;
  /** How many of an event type's records belong to a session; absent for all other rows. */
  readonly inSessions?: number;
}

export interface Summary {
  readonly rows: readonly SummaryRow[];
  readonly recordsRead: number;
}

export function newCounts(): EventLogCounts {
  return { recordsRead: 0, detected: new Map(), unused: new Map(), linesNotUtf8: 0, strayRecords: 0 };
}

export function countDetected(counts: EventLogCounts, type: EventTypeId, field: keyof TypeCount): void {
  const count = counts.detected.get(type) ?? { detected: 0, inSessions: 0, withoutSession: 0 };
  count[field] += 1;
  counts.detected.set(type, count);
}

export function countUnused(
  counts: EventLogCounts,
  record: { readonly channel: string; readonly eventId?: number },
  reason: string,
): void {
  const key = `${record.channel.toLowerCase()} ${record.eventId ?? ''} ${reason}`;
  const known = counts.unused.get(key);
  if (known) known.count += 1;
  else counts.unused.set(key, { channel: record.channel, eventId: record.eventId, reason, count: 1 });
}

/**
 * The counts as rows of a table, events in the order of the product's table, the rest by number; they add up to the
 * records read.
 */
export function summarise(counts: EventLogCounts): Summary {
  const events = EVENT_TYPES.flatMap(({ id, name }): SummaryRow[] => {
    const count = counts.detected.get(id);
    return count ? [{ what: name, remark: '', records: count.detected, inSessions: count.inSessions }] : [];
  });
  const unused = [...counts.unused.values()]
    .map(({ channel, eventId, reason, count }) => ({
      what: eventId === undefined ? channel : `${channel} ${eventId}`,
      remark: reason,
      records: count,
    }))
    .sort((left, right) => right.records - left.records || left.what.localeCompare(right.what, 'en'));
  return {
    rows: [...events, ...unused],
    recordsRead: counts.recordsRead,
  };
}

/** `1 line is`, `2 lines are`. */
function quantity(count: number, noun: string): string {
  return count === 1 ? `1 ${noun} is` : `${count} ${noun}s are`;
}

/** What a reader of the result should know beside the counts, a sentence each. */
export function remarksOn({ linesNotUtf8, strayRecords }: EventLogCounts): string[] {
  const remarks: string[] = [];
  if (linesNotUtf8 > 0)
    remarks.push(
      `${quantity(linesNotUtf8, 'line')} not UTF-8, read as Windows-1252: other encodings come out wrong.`,
    );
  if (strayRecords > 0)
    remarks.push(
      `${quantity(strayRecords, 'record')} years away from all others: not counted for when the log ends.`,
    );
  return remarks;
}
