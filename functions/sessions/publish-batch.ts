/** Publishes the events of a batch that a response policy may act upon; a repetition publishes the same events. */
import { z } from 'zod';
import { derivedId } from '../../shared/ids';
import type { OutgoingEvent } from '../../shared/events/event-publisher';
import type { Services } from '../../shared/services';
import { askPolicy, type PolicyVersion } from '../policies';
import { type SessionEvent, sessionEventSchema } from '../policies/engine';
import { chunkEvents } from './chunk-events';

export const EVENTS_DETECTED = 'SessionRecording.EventsDetected';

/** The data of a published event: events of one session, and the policy version that applies to them. */
export const detectedEvents = z.object({
  customerId: z.string(),
  siteId: z.string(),
  sessionId: z.string(),
  serverId: z.string(),
  policyId: z.string(),
  policyVersion: z.int(),
  events: z.array(sessionEventSchema),
});

export interface EventBatch {
  customerId: string;
  siteId: string;
  sessionId: string;
  serverId: string;
  batchId: string;
  /** Of the first receipt; RFC 3339 UTC. */
  receivedAt: string;
  /** The response policy in force at the first receipt (`activeResponsePolicy`); it applies to retries too. */
  policyVersion: PolicyVersion | null;
  events: readonly SessionEvent[];
}

/**
 * Publishes the events whose type has a trigger in the policy version. The published ids are derived from the
 * batch's id. Resolves when the topic has accepted all of them.
 */
export async function publishBatch(
  services: Pick<Services, 'blobs' | 'events' | 'config' | 'workLimits'>,
  batch: EventBatch,
): Promise<{ publishedEvents: number }> {
  const { customerId, siteId, sessionId, serverId, policyVersion } = batch;
  if (!policyVersion) return { publishedEvents: 0 };
  const reference = { services, customerId, siteId, ...policyVersion };
  const types = await askPolicy(reference, 'triggerTypes', null);
  if (!types) return { publishedEvents: 0 };
  const events = batch.events.filter(({ type }) => types.includes(type));
  const subject = { customerId, siteId, sessionId, serverId };
  const data = { ...subject, policyId: policyVersion.policyId, policyVersion: policyVersion.version };
  await services.events.publish(
    chunkEvents(events).map((chunk, index): OutgoingEvent => ({
      id: derivedId('events-detected', customerId, sessionId, batch.batchId, String(index)),
      type: EVENTS_DETECTED,
      source: services.config.publicUrl,
      subject: `sites/${siteId}/sessions/${sessionId}`,
      time: new Date(batch.receivedAt),
      data: { ...data, events: chunk },
    })),
  );
  services.workLimits.matching.expect(customerId, events.length);
  return { publishedEvents: events.length };
}
