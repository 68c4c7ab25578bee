/** The legal hold of a session: none of its recordings is archived or deleted meanwhile. Its recordings have copies. */
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { whileCopying } from './recording-gates';
import { type Hold, sessionType } from './session';
import { findSession, sessionPartition } from './store';

/**
 * Places a hold, or releases it (undefined); returns whether that changed anything. An existing one keeps its author, time
 * and reason. Live sessions can be held.
 * @param unlessChangedAfter has no effect on a hold changed after this instant (RFC 3339 UTC): the later request wins
 * @throws Problem `not-found`, or `conflict` when its recordings are being deleted
 */
export async function setHold(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, sessionId }: { customerId: string; sessionId: string },
  hold: Hold | undefined,
  unlessChangedAfter?: string,
): Promise<boolean> {
  return retryConflicts(async () => {
    const session = await findSession(services, customerId, sessionId);
    if (!session || session.isEmptied) throw notFound('session');
    const isSuperseded =
      unlessChangedAfter !== undefined && (session.holdChangedAt ?? '') > unlessChangedAfter;
    if (isSuperseded || (session.hold === undefined) === (hold === undefined)) return false;
    if (hold && (session.deletions ?? 0) > 0)
      throw new Problem(
        'conflict',
        'Recordings of the session are being deleted: they cannot be held any more.',
      );
    const now = services.clock.now();
    const partition = await sessionPartition(services, customerId, sessionId);
    const changed = { ...session, hold, holdChangedAt: now.toISOString(), ...whileCopying(now) };
    await partition.replace(sessionType, changed);
    return true;
  });
}
