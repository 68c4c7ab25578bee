/** Which events of a session have a response: the recordings ask it, the responses answer it. */
import type { Services } from '../services';

export interface EventsOfSession {
  customerId: string;
  siteId: string;
  sessionId: string;
  eventIds: readonly string[];
}

/** Those of the events that have a response that is still kept. */
export type RespondedEvents = (
  services: Pick<Services, 'database'>,
  events: EventsOfSession,
) => Promise<ReadonlySet<string>>;

/** A response is kept at least this long after its event. */
export const RESPONSES_KEPT_DAYS = 90;
