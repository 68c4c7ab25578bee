/** What became of every record of a log in the end: delivered, refused by the service, without a session, or no event. */
import { EVENT_TYPES, type SessionEvent } from '../../../functions/policies/engine';
import { type EventLogCounts, summarise } from './counts';

/** Events that the service did not take. */
export interface RefusedEvents {
  readonly events: readonly SessionEvent[];
  /** As the service gave it. */
  readonly reason: string;
}

export interface Outcome {
  /** An event type's name, or a channel with an event id. */
  readonly what: string;
  /** Why the records were not delivered; empty for those that were. */
  readonly remark: string;
  readonly records: number;
}

/** One row for each kind of record and outcome; they add up to the records read. */
export function outcomesOf(counts: EventLogCounts, refused: readonly RefusedEvents[]): Outcome[] {
  const { rows } = summarise(counts);
  const outcomes = rows.flatMap(({ what, remark, records, inSessions }): Outcome[] => {
    if (inSessions === undefined) return [{ what, remark, records }];
    const refusals = refusalsOf(what, refused);
    const refusedCount = refusals.reduce((sum, { records: some }) => sum + some, 0);
    return [
      { what, remark: '', records: inSessions - refusedCount },
      { what, remark: 'no session', records: records - inSessions },
      ...refusals,
    ];
  });
  return outcomes.filter(({ records }) => records !== 0);
}

/** The refused events of a type, by the reason. */
function refusalsOf(typeName: string, refused: readonly RefusedEvents[]): Outcome[] {
  const id = EVENT_TYPES.find(({ name }) => name === typeName)?.id;
  const byReason = new Map<string, number>();
  for (const { events, reason } of refused) {
    const count = events.filter(({ type }) => type === id).length;
    if (count > 0) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  }
  return [...byReason].map(([reason, records]) => ({
    what: typeName,
    remark: `refused: ${reason}`,
    records,
  }));
}
