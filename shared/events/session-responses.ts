/** What points of interest ask of responses: an interface, so that recordings know nothing of them. */
import type { Services } from '../services';

/** What was done about one event of a session. */
export interface SessionResponse {
  readonly eventId: string;
  readonly eventType: string;
  /** RFC 3339 UTC. */
  readonly eventTime: string;
  readonly ruleId: string;
  readonly ruleName: string;
  /** In the order of execution. */
  readonly actions: readonly { readonly kind: string; readonly state: string }[];
}

export interface SessionRef {
  readonly customerId: string;
  readonly siteId: string;
  readonly sessionId: string;
  /** RFC 3339 UTC: responses to events of this instant and later ones. */
  readonly from: string;
}

/** The responses to events of a session, the last decision first; those of the last 90 days. */
export type ReadSessionResponses = (
  services: Pick<Services, 'database' | 'clock'>,
  session: SessionRef,
) => AsyncIterable<SessionResponse>;
