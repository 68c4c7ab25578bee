/** What recordings have to do with their site: they keep it from being deleted, and are archived and deleted as it says. */
import { Problem } from '../../shared/problem';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { listRecordings } from './list-recordings';
import { removeMaintenanceSchedule, scheduleChanges } from './maintenance/maintenance-schedule';
import { RECORDING_STATES } from './recording';

export const recordingsOfSite: SiteDependent = {
  async deletionBlockers(services, { customerId, siteId }) {
    for (const restricted of [false, true]) {
      const filter = { siteId, states: RECORDING_STATES, restricted };
      const page = { limit: 1, after: undefined };
      if ((await listRecordings(services, customerId, filter, page)).length > 0)
        return [{ kind: 'recordings', detail: 'It has recordings: delete them first.' }];
    }
    return [];
  },
  async checkSettings({ archives }, _site, { storageMaintenance }) {
    const location = storageMaintenance?.location;
    if (location === undefined || archives.find(location)) return;
    const names = archives.all.map(({ name }) => name).join(', ');
    throw new Problem('validation-failed', 'There is no such archive location.', {
      errors: [{ pointer: '/storageMaintenance/location', detail: `The locations are: ${names}.` }],
    });
  },
  async settingsChanges(services, site, { storageMaintenance }) {
    return storageMaintenance ? scheduleChanges(services, site, storageMaintenance) : [];
  },
  cleanUp: removeMaintenanceSchedule,
};
