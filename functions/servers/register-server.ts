/** Registers a machine as a server of the site with its database, or of a new site (SRV-1, CCL-1). */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { newId } from '../../shared/ids';
import type { ClientCaller } from '../../shared/identity/caller';
import type { Services } from '../../shared/services';
import { findSite, findSiteOfDatabase, siteCreation } from '../sites';
import { statusChanges } from './change-status';
import { heartbeatAt, heartbeatType } from './heartbeat';
import {
  checkServerVersion,
  type Machine,
  machineSchema,
  type Server,
  serverIdOf,
  serverType,
} from './server';
import { statusAfterRegistration } from './server-status';
import { recordRegistrationRefusal } from './registration-refusals';
import { type Origin, refuseRegistration } from './refused-registration';
import { findServer } from './store';

const LONGEST_SITE_NAME = 128;

interface Registration {
  services: Pick<Services, 'database' | 'clock'>;
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
  const { services, caller, machine, clientTime } = registration;
  const { customerId } = caller;
  checkServerVersion(machine);
  const server = await retryConflicts(() => writeServer(registration));

  const now = services.clock.now();
  const presence = services.database.presence(customerId, server.id);
  const last = await presence.read(heartbeatType, 'last');
  await presence.upsert(heartbeatType, heartbeatAt(now, clientTime, last, last?.state));
  return server;
}

async function writeServer({ services, audit, caller, machine, origin }: Registration): Promise<Server> {
  const { customerId, id: clientId } = caller;
  const now = services.clock.now();
  const id = serverIdOf(customerId, machine.machineId);
  const known = await findServer(services, customerId, id);
  if (known?.clientId !== undefined && known.clientId !== clientId)
    throw await refuseRegistration(services, caller, known, origin);
  const status = statusAfterRegistration(known?.status, machine.serverVersion !== undefined);
  const { siteId, creation } = await allocate(services, customerId, machine, known);
  const isSame = status === known?.status && siteId === known.siteId && clientId === known.clientId;
  if (known && isSame && isUnchanged(known, machine)) return known;

  const seenAt = now.toISOString();
  const server: Server & { etag?: string } = {
    ...(known
      ? { ...withoutMachine(known), etag: known.etag }
      : { description: '', statusSince: seenAt, registeredAt: seenAt, lastSeenAt: seenAt, status }),
    ...machine,
    id,
    siteId,
    clientId,
  };
  const writes =
    known?.status === status
      ? [change.replace(serverType, server, known.etag)]
      : statusChanges(server, { status, lastSeenAt: seenAt }, now);
  await audit.commit([...creation, ...writes], {
    siteId,
    serverId: id,
    target: { type: 'server', id, name: machine.hostName },
    old: known && machineOf(known),
    new: machine,
  });
  return { ...server, status };
}

/**
 * The site of the server, and the writes that create it when it is new. The database decides only once:
 * a server that has a site, or was moved to one, stays there.
 */
async function allocate(
  services: Registration['services'],
  customerId: string,
  machine: Machine,
  known: Server | undefined,
): Promise<{ siteId: string | undefined; creation: Change[] }> {
  if (known?.siteId && (await findSite(services, customerId, known.siteId)))
    return { siteId: known.siteId, creation: [] };
  const { database, serverVersion, hostName } = machine;
  if (!database || serverVersion === undefined) return { siteId: undefined, creation: [] };
  const existing = await findSiteOfDatabase(services, customerId, database);
  if (existing !== undefined) return { siteId: existing, creation: [] };
  const siteId = newId();
  const creation = siteCreation({
    id: siteId,
    name: [...hostName].slice(0, LONGEST_SITE_NAME).join(''),
    description: '',
    database,
    origin: 'server',
    createdAt: services.clock.now().toISOString(),
  });
  return { siteId, creation };
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
