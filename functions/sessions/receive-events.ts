/** Receives a batch of session events: stores it, then publishes it for the responses (RSP-6). */
import type { Services } from '../../shared/services';
import { activeResponsePolicy } from '../policies';
import { type SessionEvent } from '../policies/engine';
import { correctPastTime, readSkewMilliseconds } from '../servers';
import { compactLater } from './compaction/compaction-due';
import { type EventBatchContent, keepEventBatch } from './event-batch';
import { publishBatch } from './publish-batch';
import { rateLate } from './rate-late';
import type { Session } from './session';

type Delivering = Pick<Services, 'database' | 'blobs' | 'clock' | 'events' | 'config' | 'workLimits'>;
type Receiving = Delivering & Pick<Services, 'queues'>;

interface ReceivedBatch {
  batchId: string;
  /** Their times are by the server's clock. */
  events: readonly SessionEvent[];
}

/** The number of events in the batch, and of those that may trigger a response. */
export interface Delivery {
  receivedEvents: number;
  publishedEvents: number;
}

/** Stores and publishes a batch. A repetition stores nothing new and publishes the same events. */
export async function receiveEvents(
  services: Receiving,
  session: Session,
  { batchId, events }: ReceivedBatch,
): Promise<Delivery> {
  const { customerId, siteId, serverId } = session;
  const [skewMilliseconds, policyVersion] = await Promise.all([
    readSkewMilliseconds(services, customerId, serverId),
    activeResponsePolicy(services, customerId, siteId),
  ]);
  const receivedAt = services.clock.now();
  const corrected = events.map((event) => ({
    ...event,
    // Ids that differ only in case are the same event.
    id: event.id.toLowerCase(),
    time: correctPastTime(event.time, skewMilliseconds, receivedAt).toISOString(),
  }));
  const delivery = await deliverEvents(services, session, {
    id: batchId,
    receivedAt: receivedAt.toISOString(),
    policyVersion,
    events: corrected,
  });
  const times = corrected.map(({ time }) => time);
  await rateLate(services, session, times, true);
  return delivery;
}

/** Stores the batch unless it exists, then publishes the stored batch under its stored policy version. */
export async function deliverEvents(
  services: Delivering,
  session: Session,
  batch: EventBatchContent,
): Promise<Delivery> {
  const { id: sessionId, customerId, siteId, serverId } = session;
  const { id, ...kept } = await keepEventBatch(services, customerId, sessionId, batch);
  await compactLater(services, session);
  const { publishedEvents } = await publishBatch(services, {
    customerId,
    siteId,
    sessionId,
    serverId,
    batchId: id,
    ...kept,
  });
  return { receivedEvents: kept.events.length, publishedEvents };
}
