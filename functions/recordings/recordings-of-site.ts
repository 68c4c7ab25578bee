/** Recordings keep their site from being deleted, restricted ones too. */
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { listRecordings } from './list-recordings';
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
};
