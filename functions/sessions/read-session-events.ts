/** Reads the stored events of a session in order of time, whatever their number. */
import type { Services } from '../../shared/services';
import type { SessionEvent } from '../policies/engine';
import { eventBatchType } from './event-batch';
import { mergeBatches } from './merge-batches';
import { storedBatches, type TimeRange } from './stored-batches';

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
  const batches = storedBatches<SessionEvent>(services, {
    customerId,
    sessionId,
    type: eventBatchType,
    range,
  });
  for await (const event of distinct(mergeBatches(batches))) {
    if (to !== undefined && event.time >= to) return;
    if (from === undefined || event.time >= from) yield event;
  }
}

/** The events without those whose id came before, among the last ones. */
async function* distinct(events: AsyncIterable<SessionEvent>): AsyncGenerator<SessionEvent> {
  const ids = new Set<string>();
  for await (const event of events) {
    if (ids.has(event.id)) continue;
    ids.add(event.id);
    const [oldest] = ids;
    if (ids.size > REMEMBERED_IDS && oldest !== undefined) ids.delete(oldest);
    yield event;
  }
}
