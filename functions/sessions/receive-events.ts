/** Receives a batch of session events: keeps it, then hands it to whatever acts upon events (RSP-6). */
import type { Services } from '../../shared/services';
import { activeResponsePolicy } from '../policies';
import { type SessionEvent } from '../policies/engine';
import { correctTime, readSkewMilliseconds } from '../servers';
import { type EventBatchContent, keepEventBatch } from './event-batch';
import { publishBatch } from './publish-batch';
import type { Session } from './session';

type Receiving = Pick<Services, 'database' | 'blobs' | 'clock' | 'events' | 'config'>;

interface ReceivedBatch {
  batchId: string;
  /** Their times are by the server's clock. */
  events: readonly SessionEvent[];
}

/** How many events the batch has, and how many of them may set something off. */
export interface Delivery {
  receivedEvents: number;
  publishedEvents: number;
}

/** Keeps and publishes a batch. A repetition changes nothing that is kept, and publishes the same again. */
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
  return deliverEvents(services, session, {
    id: batchId,
    receivedAt: services.clock.now().toISOString(),
    policyVersion,
    events: events.map((event) => ({
      ...event,
      // However its letters are written, it is one event.
      id: event.id.toLowerCase(),
      time: correctTime(event.time, skewMilliseconds).toISOString(),
    })),
  });
}

/** Keeps the batch unless it is kept already, then publishes what is kept, under the policy version kept with it. */
export async function deliverEvents(
  services: Receiving,
  session: Session,
  batch: EventBatchContent,
): Promise<Delivery> {
  const { id: sessionId, customerId, siteId, serverId } = session;
  const { id, ...kept } = await keepEventBatch(services, customerId, sessionId, batch);
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
