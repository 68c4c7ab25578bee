/** Registers a machine as a server of the site with its database, or of a new site (SRV-1, CCL-1). */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { newId } from '../../shared/ids';
import type { ClientCaller } from '../../shared/identity/caller';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import {
  databaseClaim,
  findSite,
  findSiteOfDatabase,
  serverJoins,
  type Site,
  siteCreation,
  siteNameFor,
} from '../sites';
import { rejoining, writesOf } from './change-status';
import { heartbeatAt, heartbeatType } from './heartbeat';
import {
  checkServerVersion,
  type Machine,
  machineSchema,
  type Server,
  serverIdOf,
  serverType,
} from './server';
import { findPlannedMachine, removal } from './planned-machines';
import type { ServerStatus } from './server-status';
import { illegalTransition, nextStatus } from './server-transitions';
import { recordRegistrationRefusal } from './registration-refusals';
import { type Origin, refuseRegistration } from './refused-registration';
import { findServer } from './store';
import { noteRegisteredServer } from './installation/end-installation';
import { noteRegisteredVersion } from './upgrades/end-upgrade';
import { syncUpgradeSchedule } from './upgrades/upgrade-schedule';

interface Registration {
  services: Pick<Services, 'database' | 'clock' | 'blobs' | 'packages' | 'secrets' | 'queues'>;
  log: Log;
  audit: AuditTrail;
  caller: ClientCaller;
  machine: Machine;
  clientTime: string;
  origin: Origin;
}

/**
 * Returns the server of the machine. Registering again is not an error and keeps site, description and id.
 * @throws Problem `server-version-not-supported`, or `server-of-another-client` when it belongs to another secure client
 */
export async function registerServer(registration: Registration): Promise<Server> {
  try {
    return await register(registration);
  } catch (error) {
    await recordRegistrationRefusal(registration, error);
    throw error;
  }
}

async function register(registration: Registration): Promise<Server> {
  const { services, log, caller, machine, clientTime } = registration;
  const { customerId } = caller;
  checkServerVersion(machine);
  const server = await retryConflicts(() => writeServer(registration));

  const now = services.clock.now();
  const presence = services.database.presence(customerId, server.id);
  const last = await presence.read(heartbeatType, 'last');
  await presence.upsert(heartbeatType, heartbeatAt(now, clientTime, last, last?.state));
  // What a crash leaves out is done when the client, which was not answered, registers again.
  await syncUpgradeSchedule(services, customerId, server);
  if (server.status !== 'upgrading' && server.status !== 'installationInProgress') return server;
  await noteRegisteredVersion(services, log, customerId, server);
  await noteRegisteredServer(services, log, customerId, server);
  return (await findServer(services, customerId, server.id)) ?? server;
}

async function writeServer({ services, audit, caller, machine, origin }: Registration): Promise<Server> {
  const { customerId, id: clientId } = caller;
  const now = services.clock.now();
  const id = serverIdOf(customerId, machine.machineId);
  const known = await findServer(services, customerId, id);
  if (known?.clientId !== undefined && known.clientId !== clientId)
    throw await refuseRegistration(services, caller, known, origin);
  const planned = known
    ? undefined
    : await findPlannedMachine(services, { ...machine, customerId, clientId });
  const former = known ?? planned;
  const status = statusAfter(former, machine);
  const { siteId, writes: siteWrites } = await allocate(services, customerId, id, machine, former);
  const isSame = status === known?.status && siteId === known.siteId && clientId === known.clientId;
  if (known && isSame && isUnchanged(known, machine)) return known;

  // A site that was assigned and is gone was not chosen for what follows it.
  const siteAssigned = siteId === former?.siteId ? former?.siteAssigned : undefined;
  const server = { ...serverOf(former, machine, now), id, siteId, siteAssigned, clientId, etag: known?.etag };
  const writes =
    known?.status === status
      ? [change.replace(serverType, server, known.etag)]
      : writesOf(server, status, undefined, now);
  await audit.commit([...siteWrites, ...(planned ? removal(planned) : []), ...writes], {
    siteId,
    serverId: id,
    target: { type: 'server', id, name: machine.hostName },
    old: known && machineOf(known),
    new: machine,
  });
  return { ...server, status };
}

function statusAfter(former: Server | undefined, { serverVersion }: Machine): ServerStatus {
  const event = serverVersion === undefined ? 'registeredWithoutServer' : 'registered';
  const from = former?.status ?? 'new';
  const status = nextStatus(from, event);
  if (status === undefined) throw illegalTransition(from, event);
  return status;
}

/** The machine as it reports itself now, with what it keeps of the server that it was, or of the planned one. */
function serverOf(former: Stored<Server> | undefined, machine: Machine, now: Date): Omit<Server, 'id'> {
  const seenAt = now.toISOString();
  const kept = former
    ? withoutMachine(former)
    : { description: '', statusSince: seenAt, status: 'discovered' as const };
  return { registeredAt: seenAt, ...kept, lastSeenAt: seenAt, ...machine };
}

/**
 * The site of the server, and the writes that create or claim it. The database decides only once: a server that has a
 * site stays there. A machine without the server component has none, unless it was assigned one (SRV-2).
 */
async function allocate(
  services: Registration['services'],
  customerId: string,
  id: string,
  { database, serverVersion, hostName }: Machine,
  former: Server | undefined,
): Promise<{ siteId: string | undefined; writes: Change[] }> {
  const hasServer = serverVersion !== undefined;
  const site =
    former?.siteId && (hasServer || former.siteAssigned)
      ? await findSite(services, customerId, former.siteId)
      : undefined;
  if (site && former) {
    const claimed = await claims(services, { customerId, id, database }, site, former);
    return {
      siteId: site.id,
      writes: claimed.length > 0 ? claimed : rejoining(former, services.clock.now()),
    };
  }
  if (!database || !hasServer) return { siteId: undefined, writes: [] };
  const now = services.clock.now();
  const existing = await findSiteOfDatabase(services, customerId, database, id);
  if (existing !== undefined) return { siteId: existing, writes: [serverJoins(existing, now)] };
  const siteId = newId();
  const founded: Site = {
    id: siteId,
    name: await siteNameFor(services, customerId, hostName),
    description: '',
    database,
    origin: 'server',
    createdAt: now.toISOString(),
  };
  return { siteId, writes: siteCreation(founded, id) };
}

/** The first machine of a template that names a database makes it the one of its site, unless another site has it. */
async function claims(
  services: Registration['services'],
  { customerId, id, database }: { customerId: string; id: string; database: Machine['database'] },
  site: Stored<Site>,
  former: Server | undefined,
): Promise<Change[]> {
  if (!database || site.database || former?.plannedName === undefined) return [];
  const owner = await findSiteOfDatabase(services, customerId, database, id);
  return owner === undefined ? databaseClaim(site, database, id) : [];
}

function machineOf(server: Server): Machine {
  return machineSchema.parse(
    Object.fromEntries(Object.keys(machineSchema.shape).map((key) => [key, server[key as keyof Machine]])),
  );
}

/** The properties that registering again keeps. */
function withoutMachine(server: Stored<Server>) {
  const {
    serverVersion: _server,
    database: _database,
    domain: _domain,
    agentVersion: _agent,
    ...rest
  } = server;
  return rest;
}

function isUnchanged(known: Server, machine: Machine): boolean {
  return JSON.stringify(machineOf(known)) === JSON.stringify(machineSchema.parse(machine));
}
