/** Reads what an administrator may see (IAM-6). */
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import { playbackPermissionOf, playbackPermissionsOf } from '../../sites';
import { FULL_ACCESS, type RecordingAccess } from './recording-access';

type Reading = Pick<Services, 'database'>;

/** What the administrator may see of all sites. */
export async function readAccess(services: Reading, administrator: Administrator): Promise<RecordingAccess> {
  if (seesAll(administrator)) return FULL_ACCESS;
  const permissions = await playbackPermissionsOf(services, administrator);
  return { restricted: false, limitedSites: new Map(permissions.map(({ siteId, keys }) => [siteId, keys])) };
}

/** What the administrator may see of one site. */
export async function readAccessToSite(
  services: Reading,
  administrator: Administrator,
  siteId: string,
): Promise<RecordingAccess> {
  if (seesAll(administrator)) return FULL_ACCESS;
  const permission = await playbackPermissionOf(services, administrator, siteId);
  return { restricted: false, limitedSites: new Map(permission ? [[siteId, permission.keys]] : []) };
}

function seesAll({ kind }: Administrator): boolean {
  return kind === 'fullAdmin' || kind === 'privilegedPlayerAdmin';
}
