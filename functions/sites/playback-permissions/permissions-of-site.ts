/** Removes the playback permissions of a deleted site. */
import type { SiteDependent } from '../../../shared/sites/site-dependent';
import { playbackPermissionType } from './playback-permission';

const PAGE = 100;

export const playbackPermissionsOfSite: SiteDependent = {
  async cleanUp(services, { customerId, siteId }) {
    const control = services.database.control(customerId);
    for (let found = PAGE; found === PAGE;) {
      const some = await control.list(playbackPermissionType, {
        where: 'c.siteId = @siteId',
        parameters: { siteId },
        limit: PAGE,
      });
      for (const { id } of some) await control.remove(playbackPermissionType, id);
      found = some.length;
    }
  },
};
