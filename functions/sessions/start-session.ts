/** Starts a session: it gets its id, and the decision of the policies, once and for all repetitions (CCL-5). */
import { days, documentType } from '../../shared/cosmos/document-type';
import { derivedId, monthOfSession, newSessionId, sha256Hex } from '../../shared/ids';
import { openMonth } from '../../shared/months/customer-months';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { decideSession } from '../policies';
import { type SessionFacts } from '../policies/engine';
import { correctTime, readSkewMilliseconds, type Server } from '../servers';
import { deliverEvents } from './receive-events';
import { type Session, sessionType } from './session';
import { findSession, sessionPartition } from './store';

type Starting = Pick<Services, 'database' | 'blobs' | 'clock' | 'events' | 'config'>;

/** Holds the id of a session for the server's own name of it. */
interface SessionReservation {
  /** Hash of the session key. */
  id: string;
  sessionId: string;
  /** Corrected. */
  startedAt: string;
}

const sessionReservationType = documentType<SessionReservation>('session-key', {
  // A server does not start the same session again after so long.
  ttlSeconds: days(90),
});

/** What servers had to spool is not older. */
const OLDEST_START_MILLISECONDS = 366 * 86_400_000;

interface SessionStart {
  sessionKey: string;
  facts: SessionFacts;
  clientName?: string | undefined;
  /** RFC 3339, by the server's clock. */
  startedAt: string;
}

/**
 * The session, with the decision that was taken when its start was first received.
 * @throws Problem `conflict` when the server belongs to no site
 */
export async function startSession(
  services: Starting,
  customerId: string,
  server: Server,
  start: SessionStart,
): Promise<Session> {
  const { siteId } = server;
  if (siteId === undefined)
    throw new Problem('conflict', 'The server belongs to no site yet: nothing can be recorded on it.');
  const { sessionId, startedAt } = await reserve(services, customerId, server.id, start);
  const session =
    (await findSession(services, customerId, sessionId)) ??
    (await createSession(services, {
      ...start,
      id: sessionId,
      customerId,
      siteId,
      serverId: server.id,
      startedAt,
    }));
  await deliverEvents(services, session, {
    id: derivedId('session-start', sessionId),
    receivedAt: services.clock.now().toISOString(),
    policyVersion: session.decision.responsePolicy,
    events: [
      { id: derivedId('session-start-event', sessionId), type: 'sessionStart', time: startedAt, data: {} },
    ],
  });
  return session;
}

async function createSession(
  services: Starting,
  started: Omit<Session, 'state' | 'decision'>,
): Promise<Session> {
  const { id, customerId, siteId, serverId, sessionKey, facts, clientName, startedAt } = started;
  // Listed first: a session that exists can be found.
  await openMonth(services, customerId, monthOfSession(id));
  const decision = await decideSession(services, customerId, siteId, facts);
  const partition = await sessionPartition(services, customerId, id);
  return partition.createOrRead(sessionType, {
    id,
    customerId,
    siteId,
    serverId,
    sessionKey,
    facts,
    clientName,
    startedAt,
    state: 'live',
    decision,
  });
}

async function reserve(
  services: Starting,
  customerId: string,
  serverId: string,
  { sessionKey, startedAt }: SessionStart,
): Promise<SessionReservation> {
  const presence = services.database.presence(customerId, serverId);
  const now = services.clock.now();
  const corrected = correctTime(startedAt, await readSkewMilliseconds(services, customerId, serverId));
  // A session does not start after it was told of.
  const start = corrected > now ? now : corrected;
  if (now.getTime() - start.getTime() > OLDEST_START_MILLISECONDS) {
    throw new Problem('validation-failed', 'The session started more than a year ago.', {
      errors: [{ pointer: '/startedAt', detail: 'It lies more than a year back.' }],
    });
  }
  const reservation = {
    id: sha256Hex(sessionKey),
    sessionId: newSessionId(start),
    startedAt: start.toISOString(),
  };
  return presence.createOrRead(sessionReservationType, reservation);
}
