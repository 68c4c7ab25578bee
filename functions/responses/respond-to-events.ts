/** Evaluates published events under the policy version they carry, once per event, and queues the actions. */
import { z } from 'zod';
import { sessionMonthKey } from '../../shared/months/customer-months';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { detectedEvents, EVENTS_DETECTED, findSession, rateLate, type Session } from '../sessions';
import { askPolicy, type PolicyVersion, type ResponseOutcome, responsesTo } from '../policies';
import type { ResponseDecision, SessionEvent } from '../policies/engine';
import { sendActions } from './action-queue';
import { reportTooCostly } from './report-too-costly';
import { firstDueAt, waitingActions } from './action-state';
import { type EventResponse, eventResponseType, searchTerms } from './event-response';

/** Events of one delivery that are worked on at a time. */
const PARALLEL_EVENTS = 16;

const cloudEvent = z.object({ type: z.literal(EVENTS_DETECTED), data: detectedEvents });

type Responding = Pick<Services, 'database' | 'blobs' | 'queues' | 'clock' | 'workLimits'>;

/**
 * A customer's deliveries wait for each other, not those of others for them.
 * @throws when the delivery cannot be processed now, such as while its customer has used up its time: Event Grid
 * delivers it again
 */
export async function respondToEvents(services: Responding, published: unknown, log: Log): Promise<void> {
  const { data } = cloudEvent.parse(published);
  await services.workLimits.deliveries.run(data.customerId, () => respondToAll(services, data, log));
}

async function respondToAll(
  services: Responding,
  data: z.output<typeof detectedEvents>,
  log: Log,
): Promise<void> {
  const { customerId, siteId, sessionId, events } = data;
  const version: PolicyVersion = { policyId: data.policyId, version: data.policyVersion };
  const reference = { services, customerId, siteId, ...version };
  const [session, types] = await Promise.all([
    findSession(services, customerId, sessionId),
    askPolicy(reference, 'triggerTypes', null),
  ]);
  if (!session) throw new Error(`session ${sessionId} cannot be seen yet`);
  if (!types) {
    log.warn('events.policy-version-gone', { ...version, sessionId });
    return;
  }
  // What a slice decided is stored before the next one: a delivery that ends early is repeated, and goes on from there.
  for await (const slice of responsesTo(reference, session.facts, events)) {
    const withResponse = slice.filter(({ outcome }) => hasActions(outcome)).length;
    services.workLimits.matching.acted(customerId, slice.length, withResponse);
    for (let start = 0; start < slice.length; start += PARALLEL_EVENTS) {
      const some = slice.slice(start, start + PARALLEL_EVENTS);
      await Promise.all(
        some.map(async ({ event, outcome }) => {
          if (outcome === 'tooCostly') await reportTooCostly(services, session, version, event, log);
          else if (hasActions(outcome)) await keepResponse(services, session, version, event, outcome);
        }),
      );
    }
  }
  const times = events.map(({ time }) => time);
  await rateLate(services, session, times, false);
}

function hasActions(outcome: ResponseOutcome): outcome is ResponseDecision {
  return outcome !== null && outcome !== 'tooCostly' && outcome.actions.length > 0;
}

async function keepResponse(
  services: Responding,
  session: Session,
  version: PolicyVersion,
  event: SessionEvent,
  decision: ResponseDecision,
): Promise<void> {
  const now = services.clock.now();
  const { customerId, siteId } = session;
  const month = await sessionMonthKey(services, customerId, session.id);
  // An event that was evaluated before, even by a process that died or under another policy, keeps that response, and
  // its open actions are resumed.
  const response = await services.database
    .responses(customerId, siteId, month)
    .createOrRead(eventResponseType, responseTo(session, version, event, decision, now));
  await sendActions(services, customerId, response, waitingActions(response, now));
}

function responseTo(
  session: Session,
  version: PolicyVersion,
  event: SessionEvent,
  decision: ResponseDecision,
  now: Date,
): EventResponse {
  const { ruleId, ruleName, triggers, recipients, recordingOptions, operationDelaySeconds } = decision;
  const actions = decision.actions.map((kind) => ({ kind, state: 'pending' as const, attempts: 0 }));
  return {
    id: event.id,
    siteId: session.siteId,
    sessionId: session.id,
    serverId: session.serverId,
    eventType: event.type,
    eventTime: event.time,
    at: now.toISOString(),
    policyId: version.policyId,
    policyVersion: version.version,
    ruleId,
    ruleName,
    triggers: [...triggers],
    recipients: [...recipients],
    recordingOptions,
    operationDelaySeconds,
    actions,
    searchedBy: searchTerms(actions),
    dueAt: firstDueAt(now),
  };
}
