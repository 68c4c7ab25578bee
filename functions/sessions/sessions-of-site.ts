/** Sessions that keep a site from being deleted: live ones, whose recordings may still come. */
import { monthKeys } from '../../shared/months/buckets';
import { listedMonths } from '../../shared/months/customer-months';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { sessionType } from './session';

/** A session lasts 31 days at most: its start lies in this month, or the one before. */
const MONTHS_WITH_LIVE_SESSIONS = 2;

export const sessionsOfSite: SiteDependent = {
  async deletionBlockers(services, { customerId, siteId }) {
    const months = (await listedMonths(services, customerId)).slice(0, MONTHS_WITH_LIVE_SESSIONS);
    for (const key of months.flatMap((month) => monthKeys(month))) {
      const [live] = await services.database.recordings(customerId, key).list(sessionType, {
        where: `c.siteId = @siteId AND c.state = 'live'`,
        parameters: { siteId },
        limit: 1,
      });
      if (live) return [{ kind: 'recordings', detail: 'It has running sessions: wait for their end.' }];
    }
    return [];
  },
};
