/** Starts a session: assigns its id and the policy decision once; repetitions return the same (CCL-5). */
import { days, documentType } from '../../shared/cosmos/document-type';
import { derivedId, monthOfSession, newSessionId, sha256Hex } from '../../shared/ids';
import { openMonth } from '../../shared/months/customer-months';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { decideSession } from '../policies';
import { type SessionFacts } from '../policies/engine';
import { correctPastTime, readSkewMilliseconds, type Server, serverWithoutSite } from '../servers';
import { deliverEvents } from './receive-events';
import { type Session, sessionType } from './session';
import { findSession, sessionPartition } from './store';

type Starting = Pick<Services, 'database' | 'blobs' | 'clock' | 'events' | 'config' | 'workLimits'>;

/** Maps the server's own key of a session to its id. */
interface SessionReservation {
  /** Hash of the session key. */
  id: string;
  sessionId: string;
  /** Corrected. */
  startedAt: string;
}

const sessionReservationType = documentType<SessionReservation>('session-key', {
  // A server does not repeat the start of a session after this time.
  ttlSeconds: days(90),
});

/** Spooled starts are not older. */
const OLDEST_START_MILLISECONDS = 366 * 86_400_000;

interface SessionStart {
  sessionKey: string;
  facts: SessionFacts;
  clientName?: string | undefined;
  /** RFC 3339, by the server's clock. */
  startedAt: string;
}

/**
 * Returns the session, with the decision made when its start was first received.
 * @throws Problem `server-without-site`
 */
export async function startSession(
  services: Starting,
  customerId: string,
  server: Server,
  start: SessionStart,
): Promise<Session> {
  const { siteId } = server;
  if (siteId === undefined) throw serverWithoutSite();
  const { sessionId, startedAt } = await reserve(services, customerId, server.id, start);
  const session =
    (await findSession(services, customerId, sessionId)) ??
    (await createSession(services, {
      ...start,
      id: sessionId,
      customerId,
      siteId,
      serverId: server.id,
      serverVersion: server.serverVersion,
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
  const { id, customerId, siteId, serverId, serverVersion, sessionKey, facts, clientName, startedAt } =
    started;
  // Listed first, so that every existing session can be found.
  await openMonth(services, customerId, monthOfSession(id));
  const decision = await decideSession(services, customerId, siteId, facts);
  const partition = await sessionPartition(services, customerId, id);
  return partition.createOrRead(sessionType, {
    id,
    customerId,
    siteId,
    serverId,
    serverVersion,
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
  const skewMilliseconds = await readSkewMilliseconds(services, customerId, serverId);
  const start = correctPastTime(startedAt, skewMilliseconds, now);
  if (now.getTime() - start.getTime() > OLDEST_START_MILLISECONDS) {
    throw new Problem('validation-failed', 'The session started more than a year ago.', {
      errors: [{ pointer: '/startedAt', detail: 'The start is more than a year ago.' }],
    });
  }
  const reservation = {
    id: sha256Hex(sessionKey),
    sessionId: newSessionId(start),
    startedAt: start.toISOString(),
  };
  return presence.createOrRead(sessionReservationType, reservation);
}
