/** Reads the stored events of a session in order of time, whatever their number. */
import type { Services } from '../../shared/services';
import type { SessionEvent } from '../policies/engine';
import { eventBatchType, unpackEvents } from './event-batch';
import { mergeBatches, type Timed, type TimedBatch } from './merge-batches';

/** RFC 3339 UTC with milliseconds: from this instant on, and before that one. Absent: unlimited. */
export interface TimeRange {
  from?: string | undefined;
  to?: string | undefined;
}

/** A batch has at most 1 MiB of events, packed much less. */
const BATCHES_PER_PAGE = 16;

/** Ids that are remembered: the same event in several batches lies close together, as it has nearly the same time. */
const REMEMBERED_IDS = 65_536;

/**
 * All stored events of a session in order of time, then id; of the range, if one is given. An event that was delivered in
 * several batches comes once. Memory is bounded however long the session is: read it event by event and keep nothing.
 */
export async function* readSessionEvents(
  services: Pick<Services, 'database' | 'blobs'>,
  customerId: string,
  sessionId: string,
  range: TimeRange = {},
): AsyncGenerator<SessionEvent> {
  const { from, to } = range;
  for await (const event of distinct(mergeBatches(storedBatches(services, customerId, sessionId, range)))) {
    if (to !== undefined && event.time >= to) return;
    if (from === undefined || event.time >= from) yield event;
  }
}

async function* storedBatches(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  sessionId: string,
  { from, to }: TimeRange,
): AsyncGenerator<TimedBatch<SessionEvent>> {
  const conditions = [
    ...(to === undefined ? [] : ['c.at < @to']),
    ...(from === undefined ? [] : ['(NOT IS_DEFINED(c.until) OR c.until >= @from)']),
  ];
  const pages = database.sessionData(customerId, sessionId).pages(eventBatchType, {
    where: conditions.join(' AND '),
    parameters: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
    sortedBy: 'at',
    pageSize: BATCHES_PER_PAGE,
  });
  for await (const page of pages)
    for (const { at, packed } of page) yield { at, unpack: () => unpackEvents(packed) };
}

/** The items without those whose id came before, among the last ones. */
async function* distinct<T extends Timed>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const ids = new Set<string>();
  for await (const item of items) {
    if (ids.has(item.id)) continue;
    ids.add(item.id);
    const [oldest] = ids;
    if (ids.size > REMEMBERED_IDS && oldest !== undefined) ids.delete(oldest);
    yield item;
  }
}
