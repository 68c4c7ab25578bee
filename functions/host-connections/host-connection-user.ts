/** What a capability that works through host connections tells of it. */
import type { Services } from '../../shared/services';

export interface HostConnectionUser {
  /** The sites of the customer that need the connection. */
  sitesUsing(
    services: Pick<Services, 'database'>,
    use: { customerId: string; hostConnectionId: string },
  ): Promise<{ siteId: string }[]>;
}
