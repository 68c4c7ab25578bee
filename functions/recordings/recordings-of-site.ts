/** Recordings keep their site from being deleted, restricted and archived ones too. */
import { monthKeys } from '../../shared/months/buckets';
import { listedMonths } from '../../shared/months/customer-months';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { recordingType } from './recording';

export const recordingsOfSite: SiteDependent = {
  async deletionBlockers(services, { customerId, siteId }) {
    const months = await listedMonths(services, customerId);
    for (const key of months.flatMap((month) => monthKeys(month))) {
      const partition = services.database.recordings(customerId, key);
      const found = await partition.list(recordingType, {
        where: 'c.siteId = @siteId',
        parameters: { siteId },
        limit: 1,
      });
      if (found.length > 0) return [{ kind: 'recordings', detail: 'It has recordings: delete them first.' }];
    }
    return [];
  },
};
