/** Reads servers. */
import type { Stored } from '../../shared/cosmos/document-type';
import type { ControlReader } from '../../shared/cosmos/recent-control';
import { isUuid } from '../../shared/ids';
import type { CustomerSize } from '../../shared/months/buckets';
import type { Services } from '../../shared/services';
import { heartbeatType } from './heartbeat';
import { type Server, serverType } from './server';

type Reading = Pick<Services, 'database'>;

/** More than any site has. */
const SERVERS_OF_A_SITE = 1_000;

/** The server, or undefined when the customer has none with this id. */
export async function findServer(
  { database }: { database: ControlReader },
  customerId: string,
  serverId: string,
): Promise<Stored<Server> | undefined> {
  return isUuid(serverId) ? database.control(customerId).read(serverType, serverId) : undefined;
}

/** The servers of a site that are neither removed nor uninstalled. */
export async function listServersOfSite(
  { database }: Reading,
  customerId: string,
  siteId: string,
): Promise<Stored<Server>[]> {
  return database.control(customerId).list(serverType, {
    where: `c.siteId = @siteId AND c.status NOT IN ('deleted', 'uninstalled')`,
    parameters: { siteId },
    limit: SERVERS_OF_A_SITE,
  });
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
  services: Reading,
  customerId: string,
  serverId: string,
): Promise<number> {
  return (await readLastSeen(services, customerId, serverId))?.skewMilliseconds ?? 0;
}

/** When a server was last heard of, and the correction of its clock; undefined when it never was. */
export async function readLastSeen(
  { database }: Reading,
  customerId: string,
  serverId: string,
): Promise<{ lastSeenAt: string; skewMilliseconds: number } | undefined> {
  return database.presence(customerId, serverId).read(heartbeatType, 'last');
}

const SERVERS_OF_A_PAGE = 200;
/** More than any customer has. */
const MAX_PAGES = 50;

/** The servers of a customer, removed ones included, that fulfil a condition; reads all of them. */
export async function selectServers(
  { database }: Reading,
  customerId: string,
  condition: (server: Server) => boolean,
): Promise<Server[]> {
  const selected: Server[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const servers = await database.control(customerId).list(serverType, { limit: SERVERS_OF_A_PAGE, after });
    selected.push(...servers.filter(condition));
    if (servers.length < SERVERS_OF_A_PAGE) break;
    after = servers.at(-1)?.id;
  }
  return selected;
}
