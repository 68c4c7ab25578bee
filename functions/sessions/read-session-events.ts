/** Reads the stored events of a session in order of time, whatever their number. */
import type { Services } from '../../shared/services';
import type { SessionEvent } from '../policies/engine';
import { eventBatchType } from './event-batch';
import { distinct, mergeBatches, type TimeRange } from './merge-batches';
import { storedBatches } from './stored-batches';

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
