/** Removes what else belongs to a session whose last recording was deleted: its events, comments and samples. */
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import { maybeEmpty } from './recording-gates';
import { sessionType } from './session';
import { findSession, sessionPartition } from './store';

/**
 * Empties the session when `isWithoutRecordings` says so; idempotent. The session itself stays for 90 days, so that its
 * server records nothing for it again.
 * @returns whether it is empty
 */
export async function emptySession(
  services: Pick<Services, 'database' | 'blobs'>,
  { customerId, sessionId }: { customerId: string; sessionId: string },
  isWithoutRecordings: () => Promise<boolean>,
): Promise<boolean> {
  return retryConflicts(async () => {
    const session = await findSession(services, customerId, sessionId);
    if (!session) return true;
    if (!maybeEmpty(session)) return session.isEmptied === true;
    const isEmpty = await isWithoutRecordings();
    if (isEmpty) {
      for (const name of await services.blobs.namesOf('recordings', `${customerId}/${sessionId}.`))
        await services.blobs.discard('recordings', name);
      await services.database.sessionData(customerId, sessionId).removeAll();
      const partition = await sessionPartition(services, customerId, sessionId);
      await partition.replace(sessionType, { ...session, isEmptied: true, dueAt: undefined });
    }
    return isEmpty;
  });
}

/** Notes that the session has recordings left, so that the sweep looks at it no more. */
export async function keepSession(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, sessionId }: { customerId: string; sessionId: string },
): Promise<void> {
  await retryConflicts(async () => {
    const session = await findSession(services, customerId, sessionId);
    // Due later: something has changed meanwhile.
    if (session?.dueAt === undefined || session.dueAt > services.clock.now().toISOString()) return;
    const partition = await sessionPartition(services, customerId, sessionId);
    await partition.replace(sessionType, { ...session, dueAt: undefined });
  });
}
