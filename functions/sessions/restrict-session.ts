/** The gate of a session: whether access to its recordings is restricted. Its recordings carry copies of it. */
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { type Restriction, type Session, sessionType } from './session';
import { findSession, sessionPartition } from './store';

/** Recordings get their copies in the same request; whoever has not by then may have died. */
const COPY_SECONDS = 60;

interface RestrictionChange {
  customerId: string;
  sessionId: string;
  /** Undefined removes the restriction. */
  restriction: Restriction | undefined;
  /** Leaves alone what was changed after this instant (RFC 3339 UTC): a later request has decided. */
  unlessChangedAfter?: string | undefined;
}

/**
 * Places or removes the restriction; says whether that changed anything. One that is placed keeps its author and time.
 * @throws Problem `not-found`, or `conflict` when a live session is to be restricted
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
 * For the batch that copies the gate to recordings: fails it when the gate has changed since the session was read.
 * @param isLast all recordings carry the gate then
 */
export function gateCopied(session: Stored<Session>, isLast: boolean): Change {
  const { etag, dueAt, ...rest } = session;
  return change.replace(sessionType, { ...rest, dueAt: isLast ? undefined : dueAt }, etag);
}

/** Sessions whose gate was changed by a process that may have died before all recordings carried it. */
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
