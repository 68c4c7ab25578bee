/** What recordings have to do with their site: they keep it from being deleted, and are archived and deleted as it says. */
import { monthKeys } from '../../shared/months/buckets';
import { listedMonths } from '../../shared/months/customer-months';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { removeMaintenanceSchedule, scheduleChanges } from './maintenance/maintenance-schedule';
import { requireLocation } from './moves/require-location';
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
  async checkSettings({ archives }, _site, { storageMaintenance }) {
    const location = storageMaintenance?.location;
    if (location !== undefined) requireLocation(archives, location, '/storageMaintenance/location');
  },
  async settingsChanges(services, site, { storageMaintenance }) {
    return storageMaintenance ? scheduleChanges(services, site, storageMaintenance) : [];
  },
  cleanUp: removeMaintenanceSchedule,
};
