/** The restriction of a session: whether access to its recordings is restricted. Its recordings have copies of it. */
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { whileCopying } from './recording-gates';
import { type Restriction, sessionType } from './session';
import { findSession, sessionPartition } from './store';

interface RestrictionChange {
  customerId: string;
  sessionId: string;
  /** Undefined removes the restriction. */
  restriction: Restriction | undefined;
  /** Has no effect on a restriction changed after this instant (RFC 3339 UTC): the later request wins. */
  unlessChangedAfter?: string | undefined;
}

/**
 * Places or removes the restriction; returns whether that changed anything. An existing one keeps its author and time.
 * @throws Problem `not-found`, or `conflict` when the session to restrict is live
 */
export async function setRestriction(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, sessionId, restriction, unlessChangedAfter }: RestrictionChange,
): Promise<boolean> {
  return retryConflicts(async () => {
    const session = await findSession(services, customerId, sessionId);
    if (!session) throw notFound('session');
    const isSuperseded =
      unlessChangedAfter !== undefined && (session.restrictionChangedAt ?? '') > unlessChangedAfter;
    if (isSuperseded || (session.restriction === undefined) === (restriction === undefined)) return false;
    if (restriction && session.state === 'live') throw new Problem('conflict', 'The session is still live.');
    const now = services.clock.now();
    await (
      await sessionPartition(services, customerId, sessionId)
    ).replace(sessionType, {
      ...session,
      restriction,
      restrictionChangedAt: now.toISOString(),
      ...whileCopying(now),
    });
    return true;
  });
}
