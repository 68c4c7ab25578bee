/** Reads servers. */
import type { Stored } from '../../shared/cosmos/document-type';
import { isUuid } from '../../shared/ids';
import type { CustomerSize } from '../../shared/months/buckets';
import type { Services } from '../../shared/services';
import { heartbeatType } from './heartbeat';
import { type Server, serverType } from './server';

type Reading = Pick<Services, 'database'>;

/** The server, or undefined when the customer has none with this id. */
export async function findServer(
  { database }: Reading,
  customerId: string,
  serverId: string,
): Promise<Stored<Server> | undefined> {
  return isUuid(serverId) ? database.control(customerId).read(serverType, serverId) : undefined;
}

/** The number of active servers: in a site, and neither planned, removed nor uninstalled. */
export async function countServers({ database }: Reading, customerId: string): Promise<CustomerSize> {
  const siteIds = await database
    .control(customerId)
    .query<string>(
      `SELECT VALUE c.siteId FROM c WHERE c.type = 'server' AND c.status NOT IN ('planned', 'deleted', 'uninstalled')`,
    );
  const perSite = new Map<string, number>();
  for (const siteId of siteIds) perSite.set(siteId, (perSite.get(siteId) ?? 0) + 1);
  return { servers: siteIds.length, largestSite: Math.max(0, ...perSite.values()) };
}

/** The correction to add to the times that a server sends, in milliseconds, as last measured. */
export async function readSkewMilliseconds(
  { database }: Reading,
  customerId: string,
  serverId: string,
): Promise<number> {
  const heartbeat = await database.presence(customerId, serverId).read(heartbeatType, 'last');
  return heartbeat?.skewMilliseconds ?? 0;
}
