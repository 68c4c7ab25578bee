/** Machines of a template: listed before they register, and taken over by the machine that does (SRV-3). */
import type { Stored } from '../../shared/cosmos/document-type';
import { change, type Change, type Partition } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { derivedId } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { wouldChange, writesOf } from './change-status';
import { type Server, serverType } from './server';
import { nextStatus } from './server-transitions';

/** More machines than templates of a customer have with the same name. */
const SAME_NAME = 10;
/** Each machine takes two writes of a batch, which has 100 at most. */
const MACHINES_OF_A_BATCH = 40;
/** More than a template has, and as many as a batch removes. */
const PLANNED_OF_A_SITE = 100;

interface SiteMachines {
  customerId: string;
  siteId: string;
  /** Of the site's template. */
  names: readonly string[];
}

/**
 * Lists the machines of a site's template that are not known yet, and removes planned ones that it no longer has.
 * Idempotent: what a crash left out is done by the next call.
 */
export async function planMachines(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, siteId, names }: SiteMachines,
): Promise<void> {
  const control = services.database.control(customerId);
  await retryConflicts(async () => {
    const known = await control.list(serverType, {
      where: 'c.siteId = @siteId AND IS_DEFINED(c.plannedName)',
      parameters: { siteId },
      limit: 1_000,
    });
    const now = services.clock.now();
    const wanted = new Set(names.map((name) => name.toLowerCase()));
    const knownNames = new Set(known.map(({ plannedName }) => plannedName));
    const batches = [
      ...known.filter((server) => isDropped(server, wanted)).map(removal),
      ...names
        .filter((name) => !knownNames.has(name.toLowerCase()))
        .map((name) =>
          writesOf({ ...plannedMachine(customerId, siteId, name, now) }, 'planned', undefined, now),
        ),
    ];
    await commitAll(control, batches);
  });
}

/** The writes that remove what is only planned for a site. */
export async function plannedRemovals(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  siteId: string,
): Promise<Change[]> {
  const planned = await database.control(customerId).list(serverType, {
    where: `c.siteId = @siteId AND c.status = 'planned'`,
    parameters: { siteId },
    limit: PLANNED_OF_A_SITE,
  });
  return planned.flatMap(removal);
}

/** The writes that note that a planned machine is being set up, with the secure client that it was given. */
export async function setupStarted(
  services: Pick<Services, 'database' | 'clock'>,
  {
    customerId,
    siteId,
    name,
    clientId,
  }: { customerId: string; siteId: string; name: string; clientId: string },
): Promise<Change[]> {
  const id = plannedId(customerId, siteId, name);
  const server = await services.database.control(customerId).read(serverType, id);
  if (!server) return [];
  const changed = { ...server, clientId };
  return wouldChange(server, 'setupStarted')
    ? writesOf(changed, 'setupInProgress', undefined, services.clock.now())
    : [change.replace(serverType, changed, server.etag)];
}

/**
 * The planned machine that a machine turns out to be when it registers first: of its host name, and given to its secure
 * client where it has enrolled. None when several would do.
 */
export async function findPlannedMachine(
  { database }: Pick<Services, 'database'>,
  { customerId, hostName, clientId }: { customerId: string; hostName: string; clientId: string },
): Promise<Stored<Server> | undefined> {
  const [name = ''] = hostName.toLowerCase().split('.');
  const named = await database.control(customerId).list(serverType, {
    where: 'c.plannedName = @name',
    parameters: { name },
    limit: SAME_NAME,
  });
  const unregistered = named.filter(({ machineId }) => machineId === undefined);
  const enrolled = unregistered.filter((server) => server.clientId === clientId);
  const free = unregistered.filter((server) => server.clientId === undefined);
  const [only, another] = enrolled.length > 0 ? enrolled : free;
  return another ? undefined : only;
}

function plannedId(customerId: string, siteId: string, name: string): string {
  return derivedId('planned-server', customerId, siteId, name.toLowerCase());
}

function plannedMachine(customerId: string, siteId: string, name: string, now: Date): Server {
  return {
    id: plannedId(customerId, siteId, name),
    siteId,
    siteAssigned: true,
    plannedName: name.toLowerCase(),
    hostName: name,
    description: '',
    status: nextStatus('new', 'planned') ?? 'planned',
    statusSince: now.toISOString(),
  };
}

function isDropped({ status, plannedName = '' }: Server, wanted: ReadonlySet<string>): boolean {
  return status === 'planned' && !wanted.has(plannedName);
}

/** The write that removes a planned machine that was read. */
export function removal({ id, etag }: Stored<Server>): Change[] {
  return [change.remove(serverType, id, etag)];
}

async function commitAll(control: Partition, machines: readonly Change[][]): Promise<void> {
  for (let start = 0; start < machines.length; start += MACHINES_OF_A_BATCH)
    await control.commit(machines.slice(start, start + MACHINES_OF_A_BATCH).flat());
}
