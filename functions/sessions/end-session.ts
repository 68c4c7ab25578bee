/** Ends a session. */
import type { Stored } from '../../shared/cosmos/document-type';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { correctPastTime, readSkewMilliseconds } from '../servers';
import { compactionDue } from './compaction/compaction-due';
import { type Session, sessionType } from './session';
import { findSession, sessionPartition } from './store';

/** Ends the session; ending it again keeps the first end. `endedAt` is by the server's clock. */
export async function endSession(
  services: Pick<Services, 'database' | 'clock'>,
  loaded: Stored<Session>,
  endedAt: string,
): Promise<Session> {
  const { id, customerId, serverId } = loaded;
  const skewMilliseconds = await readSkewMilliseconds(services, customerId, serverId);
  const corrected = correctPastTime(endedAt, skewMilliseconds, services.clock.now()).toISOString();
  return retryConflicts(async (attempt) => {
    const session = attempt === 1 ? loaded : await findSession(services, customerId, id);
    if (!session) throw notFound('session');
    if (session.state === 'ended') return session;
    const partition = await sessionPartition(services, customerId, id);
    return partition.replace(sessionType, {
      ...session,
      state: 'ended',
      ...compactionDue(services.clock.now()),
      endedAt: corrected > session.startedAt ? corrected : session.startedAt,
    });
  });
}
