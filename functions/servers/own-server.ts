/** Which secure client a server belongs to: the one that registered it first, or that an administrator gave it to. */
import { auditEntryType } from '../../shared/audit/audit-entry';
import type { Database } from '../../shared/cosmos/database';
import type { Stored } from '../../shared/cosmos/document-type';
import { change } from '../../shared/cosmos/partition';
import type { ControlReader } from '../../shared/cosmos/recent-control';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { ClientCaller } from '../../shared/identity/caller';
import { derivedId } from '../../shared/ids';
import { FreshCache } from '../../shared/pure/fresh-cache';
import type { Services } from '../../shared/services';
import { heartbeatOf } from './record-heartbeat';
import { type Server, serverType } from './server';
import { nextStatus } from './server-transitions';
import { findServer } from './store';

type Finding = Pick<Services, 'database' | 'clock'>;

/** A server that is moved to another client is out of the reach of the former one within 30 seconds. */
const MAX_AGE_MILLISECONDS = 15_000;
const CACHED_SERVERS = 20_000;

const owners = new WeakMap<Database, FreshCache<string | undefined>>();

/** The server, or undefined when the customer has none with this id or it belongs to another secure client. */
export async function findOwnServer(
  services: Finding,
  caller: ClientCaller,
  serverId: string,
): Promise<Stored<Server> | undefined> {
  const server = await findServer(services, caller.customerId, serverId);
  const bound = server && (await bind(services, caller, server));
  return bound?.clientId === caller.id ? bound : undefined;
}

/**
 * The same as some seconds ago, where nothing speaks against its heartbeat: only what was just read is a reason to refuse
 * it, or to change its status.
 * @param recent a cache of the database
 */
export async function findServerOfHeartbeat(
  services: Finding,
  recent: ControlReader,
  caller: ClientCaller,
  serverId: string,
): Promise<Stored<Server> | undefined> {
  const server = await findServer({ database: recent }, caller.customerId, serverId);
  const isAsUsual = server?.clientId === caller.id && keepsStatus(server);
  return isAsUsual ? server : findOwnServer(services, caller, serverId);
}

/** Whether a heartbeat leaves the status of the server as it is. */
export function keepsStatus(server: Server): boolean {
  return nextStatus(server.status, heartbeatOf(server, '').event) === server.status;
}

/** The same for what belongs to a server, without reading the server each time. */
export async function isOwnServer(
  services: Finding,
  caller: ClientCaller,
  serverId: string,
): Promise<boolean> {
  const known = owners.get(services.database) ?? cacheFor(services.database);
  const key = `${caller.customerId} ${serverId}`;
  const readOwner = async () => {
    const server = await findServer(services, caller.customerId, serverId);
    return server && (await bind(services, caller, server)).clientId;
  };
  const now = services.clock.now().getTime();
  if ((await known.get(key, now, readOwner)) === caller.id) return true;
  // It may have been given to this client since: only what was just read is a reason to refuse.
  known.forget(key);
  return (await known.get(key, now, readOwner)) === caller.id;
}

function cacheFor(database: Database): FreshCache<string | undefined> {
  const options = { maxAgeMilliseconds: MAX_AGE_MILLISECONDS, maxEntries: CACHED_SERVERS };
  const cache = new FreshCache<string | undefined>(options);
  owners.set(database, cache);
  return cache;
}

/** Servers of earlier versions have no client yet: they get the first one that speaks for them. */
async function bind(
  { database, clock }: Finding,
  caller: ClientCaller,
  loaded: Stored<Server>,
): Promise<Stored<Server>> {
  if (loaded.clientId !== undefined) return loaded;
  return retryConflicts(async (attempt) => {
    const { customerId } = caller;
    const server = attempt === 1 ? loaded : await findServer({ database }, customerId, loaded.id);
    if (!server || server.clientId !== undefined) return server ?? loaded;
    const bound = { ...server, clientId: caller.id };
    await database.control(customerId).commit([
      change.replace(serverType, bound, server.etag),
      change.create(auditEntryType, {
        id: derivedId('server-bound', server.id, caller.id),
        at: clock.now().toISOString(),
        category: 'configuration',
        action: 'server.bind',
        by: { id: caller.id, name: caller.name, kind: 'secureClient' },
        address: '',
        authorised: true,
        outcome: 'succeeded',
        traceId: '',
        serverId: server.id,
        target: { type: 'server', id: server.id, name: server.hostName },
        new: { clientId: caller.id },
      }),
    ]);
    return (await findServer({ database }, customerId, server.id)) ?? server;
  });
}
