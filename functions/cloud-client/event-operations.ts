/** The operation with which a server delivers session events. */
import { z } from 'zod';
import { resourceId } from '../../shared/http/fields';
import { type Operation, operation } from '../../shared/http/operation';
import { notFound } from '../../shared/problem';
import { type SessionEvent, sessionEventSchema } from '../policies/engine';
import { receiveEvents } from '../sessions';
import { findOwnSession } from './own-resources';
import { BASE_PATH, TAG } from './paths';

const MAX_BATCH_BYTES = 1_048_576;
const MAX_BATCH_EVENTS = 1_000;
/** Responses are determined within seconds; their commands to the server follow at once. */
const POLL_AFTER_EVENTS_SECONDS = 60;

const eventBatch = z
  .strictObject({
    batchId: resourceId.describe(
      'Assigned when the batch is created; a repeated batch has the same id and events',
    ),
    sessionId: resourceId,
    events: z.array(sessionEventSchema).min(1).max(MAX_BATCH_EVENTS),
  })
  .meta({ id: 'EventBatch' });

const acceptedEvents = z
  .object({
    batchId: z.uuid(),
    receivedEvents: z.int(),
    publishedEvents: z.int().describe('Number of events whose type has a trigger in the response policy'),
    pollCommandsSeconds: z.int().describe('How long to fetch commands by long poll; 0: none are expected'),
  })
  .meta({ id: 'AcceptedEvents' });

const postEvents = operation({
  id: 'sendEvents',
  method: 'POST',
  path: `${BASE_PATH}/events`,
  tag: TAG,
  summary: 'Deliver a batch of events of one session',
  description:
    'At most 1,000 events and 1 MiB, uncompressed. A batch sent again, even after the response policy has changed, ' +
    'counts once, under the policy version of its first receipt. Events are limited for each server and for all of a ' +
    'customer, and so is the time that matching them takes: wait as Retry-After says, and send the same batch again.',
  access: 'cloud-client',
  body: eventBatch,
  bodyFormat: { gzip: true, maxBytes: MAX_BATCH_BYTES },
  success: { status: 202, description: 'The batch is stored', body: acceptedEvents },
  problems: ['not-found', 'server-without-site'],
  admit({ caller, services: { rateLimits, workLimits, clock } }) {
    rateLimits.admitEvents(caller, clock.now());
    workLimits.matching.admit(caller.customerId);
  },
  async handle({ body: { batchId, sessionId, events }, caller, services }) {
    const session = await findOwnSession(services, caller, sessionId);
    if (!session) throw notFound('session');
    services.rateLimits.countEvents(caller, session.serverId, sizeOf(events), services.clock.now());
    const delivery = await receiveEvents(services, session, { batchId, events });
    const pollCommandsSeconds = delivery.publishedEvents > 0 ? POLL_AFTER_EVENTS_SECONDS : 0;
    return { body: { batchId, ...delivery, pollCommandsSeconds } };
  },
});

/** An event with long texts counts as several: once, and once more for each KiB. */
function sizeOf(events: readonly SessionEvent[]): number {
  let characters = 0;
  for (const { data } of events)
    for (const value of Object.values(data)) if (typeof value === 'string') characters += value.length;
  return events.length + Math.floor(characters / 1_024);
}

export const eventOperations: readonly Operation[] = [postEvents];
