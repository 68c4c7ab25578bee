/** What servers say of a site that is to be deleted or summarized. */
import type { Stored } from '../../shared/cosmos/document-type';
import { addAmounts } from '../../shared/pure/amounts';
import { mapConcurrently } from '../../shared/pure/map-concurrently';
import type { Services } from '../../shared/services';
import type { SiteDependent, SiteRef } from '../../shared/sites/site-dependent';
import type { SiteSummary } from '../../shared/sites/site-summary';
import { type Heartbeat, heartbeatType } from './heartbeat';
import { requireWorkingLog } from './administrator-log';
import { checkUpgradeSlots, listUpgradeConflicts } from './settings/upgrade-slots';
import { plannedRemovals } from './planned-machines';
import { type Server, serverType } from './server';

type Reading = Pick<Services, 'database'>;
type StorageLocation = NonNullable<SiteSummary['storageLocations']['value']>[number];

/** Of a larger site the summary shows the storage of so many servers. */
const SERVERS_SHOWN = 200;
const CONCURRENT_READS = 16;

export const serversOfSite: SiteDependent = {
  async deletionBlockers(services, site) {
    const servers = await listServers(services, site, `c.status != 'planned'`, 1_000);
    if (servers.length === 0) return [];
    const [{ hostName } = { hostName: '' }] = servers;
    const which = servers.length === 1 ? `the server ${hostName}` : `${servers.length} servers`;
    return [{ kind: 'servers', detail: `It has ${which}: move or remove them first.` }];
  },
  async checkSettings(services, { customerId, siteId }, { storageMaintenance }) {
    await requireWorkingLog(services, customerId, siteId);
    if (storageMaintenance) await checkUpgradeSlots(services, customerId, siteId, storageMaintenance);
  },
  async cleanUp({ database }, { customerId, siteId }) {
    const changes = await plannedRemovals({ database }, customerId, siteId);
    if (changes.length > 0) await database.control(customerId).commit(changes);
  },
  async summarize(services, site) {
    const counts = await countByStatus(services, site);
    const upgradeConflicts = await listUpgradeConflicts(services, site.customerId, site.siteId);
    const shown = await listServers(services, site, `c.status != 'planned'`, SERVERS_SHOWN);
    const storage = await storageLocations(services, site.customerId, shown);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return {
      upgradeConflicts,
      servers: { total, available: counts.get('available') ?? 0 },
      ...(storage.length === 0
        ? {}
        : {
            storageLocations: {
              value: storage,
              ...(total > shown.length ? { reason: `Of ${shown.length} of its servers.` } : {}),
            },
          }),
    };
  },
};

/** Whether machines of the site's template have enrolled or registered: then they exist. */
export async function hasTemplateMachines(services: Reading, site: SiteRef): Promise<boolean> {
  const found = await listServers(services, site, `IS_DEFINED(c.plannedName) AND c.status != 'planned'`, 1);
  return found.length > 0;
}

/** Servers of the site that were not removed, in a fixed order. */
function listServers(
  { database }: Reading,
  { customerId, siteId }: SiteRef,
  condition: string,
  limit: number,
): Promise<Stored<Server>[]> {
  return database.control(customerId).list(serverType, {
    where: `c.siteId = @siteId AND c.status != 'deleted' AND ${condition}`,
    parameters: { siteId },
    limit,
  });
}

async function countByStatus({ database }: Reading, { customerId, siteId }: SiteRef) {
  const statuses = await database
    .control(customerId)
    .query<string>(
      `SELECT VALUE c.status FROM c WHERE c.type = 'server' AND c.siteId = @siteId AND c.status != 'deleted'`,
      [{ name: '@siteId', value: siteId }],
    );
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

/** The locations of the last heartbeats; a share that several servers report is one location. */
async function storageLocations(
  { database }: Reading,
  customerId: string,
  servers: readonly Server[],
): Promise<StorageLocation[]> {
  const heartbeats = await mapConcurrently(servers, CONCURRENT_READS, ({ id }) =>
    database.presence(customerId, id).read(heartbeatType, 'last'),
  );
  const locations = new Map<string, StorageLocation>();
  for (const [index, heartbeat] of heartbeats.entries()) {
    const { id, hostName } = servers[index] ?? { id: '', hostName: '' };
    for (const { path, usedBytes, freeBytes } of storageOf(heartbeat)) {
      const key = path.startsWith('\\\\') ? path.toLowerCase() : `${id} ${path}`;
      const known = locations.get(key);
      if (known) known.servers.push(hostName);
      else
        locations.set(key, {
          path,
          servers: [hostName],
          usedBytes,
          freeBytes,
          capacityBytes: addAmounts(usedBytes, freeBytes),
        });
    }
  }
  return [...locations.values()];
}

function storageOf(heartbeat: Heartbeat | undefined) {
  return heartbeat?.state?.storage ?? [];
}
