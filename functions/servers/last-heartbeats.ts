/** The heartbeats that this process stored last: the next one of a server needs no read when it was the one before. */
import type { Database } from '../../shared/cosmos/database';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Heartbeat, HEARTBEAT_SECONDS } from './heartbeat';

/** Older ones were probably followed by one that another instance stored. */
const MAX_AGE_MILLISECONDS = 1.5 * HEARTBEAT_SECONDS * 1000;
const MAX_SERVERS = 10_000;
/** Of JSON: with more problems and certificates than usual, it is read each time. */
const MAX_LENGTH = 4_096;

const known = new WeakMap<Database, Map<string, Stored<Heartbeat>>>();

function heartbeatsOf(database: Database): Map<string, Stored<Heartbeat>> {
  const map = known.get(database) ?? new Map<string, Stored<Heartbeat>>();
  known.set(database, map);
  return map;
}

/** The heartbeat before, if it came to this process; the ETag shows when it was changed since. Forgotten once taken. */
export function takeLastHeartbeat(
  database: Database,
  serverId: string,
  now: Date,
): Stored<Heartbeat> | undefined {
  const map = heartbeatsOf(database);
  const last = map.get(serverId);
  map.delete(serverId);
  return last && now.getTime() - Date.parse(last.lastSeenAt) < MAX_AGE_MILLISECONDS ? last : undefined;
}

/** Keeps a heartbeat as it is stored now. Server ids are derived from the customer: they are unique. */
export function keepLastHeartbeat(database: Database, serverId: string, heartbeat: Stored<Heartbeat>): void {
  if (JSON.stringify(heartbeat).length > MAX_LENGTH) return;
  const map = heartbeatsOf(database);
  map.set(serverId, heartbeat);
  if (map.size <= MAX_SERVERS) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
