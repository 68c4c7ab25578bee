/** Restricts access to all recordings of one session, or removes the restriction (RCD-3). */
import { notFound, Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { requireFeatures } from '../../servers';
import { findSession, sessionPartition, setRestriction, type Session } from '../../sessions';
import { type Recording, recordingType } from '../recording';
import { isLive } from '../upload/upload-life';
import { copyGates } from '../hold/copy-gates';
import type { SessionChange } from '../hold/session-change';

/** More parts than any session has: 31 days at one roll-over an hour. */
const PARTS_OF_A_SESSION = 10_000;

interface SessionRef {
  customerId: string;
  sessionId: string;
}

type Changing = Pick<Services, 'database' | 'clock'>;

/**
 * Restricts all recordings of an ended session; returns whether that changed anything.
 * @throws Problem `not-found`, `conflict` while one of them is live, `feature-not-supported`
 */
export async function restrictSession(services: Changing, change: SessionChange): Promise<boolean> {
  const { customerId, sessionId, by, at } = change;
  const loaded = await loadSession(services, { customerId, sessionId });
  if (!loaded) throw notFound('session');
  const live = whyLive(loaded, services.clock.now());
  if (live !== undefined) throw new Problem('conflict', live);
  await requireFeatures(services, customerId, loaded.session.siteId, ['accessRestrictions']);
  return apply(services, change, { by, at });
}

/** Removes the restriction; returns whether there was one. @throws Problem `not-found` */
export async function unrestrictSession(services: Changing, change: SessionChange): Promise<boolean> {
  return apply(services, change, undefined);
}

async function apply(
  services: Changing,
  { customerId, sessionId, at, unlessDecidedSince = false }: SessionChange,
  restriction: { by: SessionChange['by']; at: string } | undefined,
): Promise<boolean> {
  const unlessChangedAfter = unlessDecidedSince ? at : undefined;
  const changed = await setRestriction(services, { customerId, sessionId, restriction, unlessChangedAfter });
  // Also when nothing changed now: an earlier process may have crashed before the recordings had their copies.
  await copyGates(services, customerId, sessionId);
  return changed;
}

/** A session and its recordings. */
export interface LoadedSession {
  session: Session;
  recordings: Recording[];
}

/**
 * The session with its recordings, at most `limit` of them, without those that are being deleted: they are in no list any
 * more. Undefined when there is no such session.
 */
export async function loadSession(
  services: Pick<Services, 'database'>,
  { customerId, sessionId }: SessionRef,
  limit = PARTS_OF_A_SESSION,
): Promise<LoadedSession | undefined> {
  const session = await findSession(services, customerId, sessionId);
  if (!session) return undefined;
  const recordings = await (
    await sessionPartition(services, customerId, sessionId)
  ).list(recordingType, {
    where: "c.sessionId = @sessionId AND c.state != 'deleting'",
    parameters: { sessionId },
    limit,
  });
  return { session, recordings };
}

/** Why the session cannot be restricted yet; undefined when none of it is live. */
export function whyLive({ session, recordings }: LoadedSession, now: Date): string | undefined {
  if (session.state === 'live') return 'The session has not ended: its recordings are live.';
  const live = recordings.find((recording) => isLive(recording, session, now));
  return live && `Part ${live.part} of the session's recording is live, or not uploaded in full.`;
}
