/** The restriction of a session: whether access to its recordings is restricted. Its recordings have copies of it. */
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { type Restriction, type Session, sessionType } from './session';
import { findSession, sessionPartition } from './store';

/** Recordings get their copies in the same request; after this time it counts as crashed. */
const COPY_SECONDS = 60;

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
      dueAt: new Date(now.getTime() + COPY_SECONDS * 1000).toISOString(),
    });
    return true;
  });
}

/**
 * For the batch that copies the restriction to recordings: fails it when the session has changed since it was read.
 * @param isLast after this batch all recordings have the restriction
 */
export function gateCopied(session: Stored<Session>, isLast: boolean): Change {
  const { etag, dueAt, ...rest } = session;
  return change.replace(sessionType, { ...rest, dueAt: isLast ? undefined : dueAt }, etag);
}

/** Sessions whose restriction was changed by a process that may have crashed before all recordings had it. */
export async function* sweepGates({
  database,
  clock,
}: Pick<Services, 'database' | 'clock'>): AsyncGenerator<{ customerId: string; sessionId: string }> {
  const due = database.sweep<{ customerId: string; id: string }>(
    'recordings',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'session' AND c.dueAt <= @now`,
    [{ name: '@now', value: clock.now().toISOString() }],
  );
  for await (const { customerId, id } of due)
    yield { customerId, sessionId: id.slice(`${sessionType.name}:`.length) };
}
