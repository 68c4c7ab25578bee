/** Reads sessions. */
import { type Stored, wireId } from '../../shared/cosmos/document-type';
import type { Partition } from '../../shared/cosmos/partition';
import { isUuid } from '../../shared/ids';
import { sessionMonthKey } from '../../shared/months/customer-months';
import type { Services } from '../../shared/services';
import { type Session, sessionType } from './session';

type Reading = Pick<Services, 'database'>;

/** The session, or undefined when the customer has none with this id. */
export async function findSession(
  services: Reading,
  customerId: string,
  sessionId: string,
): Promise<Stored<Session> | undefined> {
  if (!isUuid(sessionId) || sessionId[14] !== '7') return undefined;
  return (await sessionPartition(services, customerId, sessionId)).read(sessionType, sessionId);
}

/** The partition of a session and its recordings: its bucket in the month of its start. */
export async function sessionPartition(
  services: Reading,
  customerId: string,
  sessionId: string,
): Promise<Partition> {
  return services.database.recordings(customerId, await sessionMonthKey(services, customerId, sessionId));
}

/** Those of the sessions that exist, all in the partition of one month or bucket. */
export async function findSessions(
  { database }: Reading,
  customerId: string,
  monthKey: string,
  sessionIds: readonly string[],
): Promise<Stored<Session>[]> {
  if (sessionIds.length === 0) return [];
  const ids = sessionIds.map((id, index) => [`id${index}`, wireId(sessionType, id)] as const);
  return database.recordings(customerId, monthKey).list(sessionType, {
    where: `c.id IN (${ids.map(([name]) => `@${name}`).join(', ')})`,
    parameters: Object.fromEntries(ids),
    limit: ids.length,
  });
}
