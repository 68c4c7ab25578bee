/** Whether the site of a server still exists: a server whose site was deleted is as good as one without a site (SRV-1). */
import type { ControlReader } from '../../shared/cosmos/recent-control';
import { Problem } from '../../shared/problem';
import { findSite } from '../sites';
import type { Server } from './server';

/** Whether the server belongs to a site that was deleted; false for a server that belongs to none. */
export async function isSiteGone(
  services: { database: ControlReader },
  customerId: string,
  { siteId }: Pick<Server, 'siteId'>,
): Promise<boolean> {
  return siteId !== undefined && (await findSite(services, customerId, siteId)) === undefined;
}

/** What a server without a site cannot deliver: it keeps it, and sends it again when it has a site. */
export function serverWithoutSite(): Problem {
  return new Problem(
    'server-without-site',
    'The server belongs to no site, or its site was deleted. Keep this, send a heartbeat (409: register the server ' +
      'again), and repeat it when the configuration names a site.',
  );
}
