/**
 * Gates of a session for what is done to its recordings: restriction and legal hold, copied to the recordings; and the
 * conditions under which one of them may be archived or deleted, checked in the batch that begins it.
 */
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import type { Services } from '../../shared/services';
import { LONGEST_SESSION_MILLISECONDS, type Session, sessionType } from './session';

/** Recordings get their copies in the same request; after this time it counts as crashed. */
const COPY_SECONDS = 60;

/** When the sweep copies gates that are changed now, or sees whether a session has recordings left. */
export function whileCopying(now: Date): { dueAt: string } {
  return { dueAt: new Date(now.getTime() + COPY_SECONDS * 1000).toISOString() };
}

/**
 * For the batch that copies gates to recordings: fails it when the session has changed since it was read.
 * @param isLast after this batch all recordings have them
 */
export function gatesCopied(session: Stored<Session>, isLast: boolean): Change {
  const { etag, dueAt, ...rest } = session;
  const isDone = isLast && !maybeEmpty(session);
  return change.replace(sessionType, { ...rest, dueAt: isDone ? undefined : dueAt }, etag);
}

/** Whether its last recording may have been deleted, so that what else belongs to it is left to be removed. */
export function maybeEmpty({
  recordingsDeletedAt,
  isEmptied,
}: Pick<Session, 'recordingsDeletedAt' | 'isEmptied'>): boolean {
  return recordingsDeletedAt !== undefined && isEmptied !== true;
}

/** Whether the session is over: it has ended, or began longer ago than any session lasts. */
export function isOver({ state, startedAt }: Pick<Session, 'state' | 'startedAt'>, now: Date): boolean {
  return state === 'ended' || startedAt < longestAgo(now);
}

function longestAgo(now: Date): string {
  return new Date(now.getTime() - LONGEST_SESSION_MILLISECONDS).toISOString();
}

/**
 * For the batch in which one of its recordings begins to be archived.
 * The batch fails with PredicateFailed when the session is held or live, or restricted unless that does not matter.
 */
export function archiveGate(sessionId: string, now: Date, includeRestricted: boolean): Change {
  const condition = includeRestricted ? notHeld(now) : notHeldOrRestricted(now);
  return change.patch(
    sessionType,
    sessionId,
    [{ op: 'set', path: '/movedAt', value: now.toISOString() }],
    condition,
  );
}

/** For the batch in which one of its recordings begins to be deleted; fails like `archiveGate`. */
export function deletionGate(sessionId: string, now: Date): Change {
  return change.patch(sessionType, sessionId, [{ op: 'incr', path: '/deletions', value: 1 }], notHeld(now));
}

/** For the batch in which a deletion ends. */
export function deletionEnd(sessionId: string, now: Date, outcome: 'deleted' | 'failed'): Change {
  const ended = { op: 'incr', path: '/deletions', value: -1 } as const;
  if (outcome === 'failed') return change.patch(sessionType, sessionId, [ended]);
  return change.patch(sessionType, sessionId, [
    ended,
    { op: 'set', path: '/recordingsDeletedAt', value: now.toISOString() },
    { op: 'set', path: '/dueAt', value: whileCopying(now).dueAt },
  ]);
}

function notHeld(now: Date): string {
  return `from c where (c.state = 'ended' OR c.startedAt < '${longestAgo(now)}') AND NOT IS_DEFINED(c.hold)`;
}

function notHeldOrRestricted(now: Date): string {
  return `from c where (c.state = 'ended' OR c.startedAt < '${longestAgo(now)}') AND NOT IS_DEFINED(c.hold) AND NOT IS_DEFINED(c.restriction)`;
}

/** Sessions whose gates were changed by a process that may have crashed before all recordings had them. */
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
