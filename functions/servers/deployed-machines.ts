/** The machines that a deployment of the service makes: which servers they are, and what becomes of these without them. */
import type { Stored } from '../../shared/cosmos/document-type';
import { change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import type { SiteRef } from '../../shared/sites/site-dependent';
import type { Log } from '../../shared/telemetry/telemetry';
import { statusChanges } from './change-status';
import { removal } from './planned-machines';
import { type Server, serverType } from './server';

/** More than a site has. */
const MACHINES_OF_A_SITE = 1_000;
/** Each takes two writes of a batch, which has 100 at most. */
const MACHINES_OF_A_BATCH = 40;

/** The servers of a site that its template or deployment planned, removed ones too; `hostName` is the name of the machine. */
export async function listDeployedMachines(
  { database }: Pick<Services, 'database'>,
  { customerId, siteId }: SiteRef,
): Promise<Stored<Server>[]> {
  return database.control(customerId).list(serverType, {
    where: 'c.siteId = @siteId AND IS_DEFINED(c.plannedName)',
    parameters: { siteId },
    limit: MACHINES_OF_A_SITE,
  });
}

/**
 * Notes that these machines were deleted: those that never registered are gone, the others are removed servers, since
 * recordings may name them. Their names can be planned again. Idempotent.
 */
export async function releaseMachines(
  services: Pick<Services, 'database' | 'clock'>,
  log: Log,
  site: SiteRef,
  names: readonly string[],
): Promise<void> {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const control = services.database.control(site.customerId);
  await retryConflicts(async () => {
    const machines = await listDeployedMachines(services, site);
    const now = services.clock.now();
    const batches = machines
      .filter(({ plannedName = '' }) => wanted.has(plannedName))
      .map((server) => {
        if (server.machineId === undefined) return removal(server);
        const free = { ...server, plannedName: undefined };
        const writes = statusChanges(free, { event: 'machineDeleted', reason: DELETED }, now, log);
        return writes.length > 0 ? writes : [change.replace(serverType, free, server.etag)];
      });
    for (let start = 0; start < batches.length; start += MACHINES_OF_A_BATCH)
      await control.commit(batches.slice(start, start + MACHINES_OF_A_BATCH).flat());
  });
}

const DELETED = 'Its machine was deleted with the deployment that made it.';
