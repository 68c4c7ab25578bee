/** Reports an event that gets no response because the patterns of the policy take too long on it. */
import { countActivity } from '../../shared/activity/report-activity';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import type { PolicyVersion } from '../policies';
import type { SessionEvent } from '../policies/engine';
import type { Session } from '../sessions';

/** Once per event, however often it is delivered; the feed counts those of an hour. */
export async function reportTooCostly(
  services: Pick<Services, 'database' | 'clock'>,
  session: Session,
  { policyId, version }: PolicyVersion,
  event: SessionEvent,
  log: Log,
): Promise<void> {
  const { customerId, siteId, serverId, id: sessionId } = session;
  log.warn('events.too-costly', { customerId, siteId, sessionId, policyId, version, eventId: event.id });
  await countActivity(services, customerId, {
    at: services.clock.now(),
    occurrence: `${event.id} tooCostly`,
    countedBy: ['tooCostly', policyId],
    kind: 'response.failed',
    severity: 'warning',
    message:
      'An event got no response: the patterns of the event response policy take too long on it. Shorten the patterns that a simulation of the policy reports as too large.',
    siteId,
    serverId,
    sessionId,
    details: { eventId: event.id, eventType: event.type, policyId, policyVersion: version },
  });
}
