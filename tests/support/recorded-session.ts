/** For tests: a recorded session with events, in the database. */
import { keepEventBatch } from '../../functions/sessions/event-batch';
import { type Session, sessionType } from '../../functions/sessions/session';
import { sessionPartition } from '../../functions/sessions';
import type { SessionEvent } from '../../functions/policies/engine';
import { type Recording, recordingType } from '../../functions/recordings/recording';
import { monthOfSession, newSessionId, recordingId } from '../../shared/ids';
import { openMonth } from '../../shared/months/customer-months';
import type { Services } from '../../shared/services';
import { sampleSession } from './response-samples';
import { CONTOSO } from './test-issuer';

export const SITE = '019bc17a-0000-7000-8000-000000000001';
const SERVER = '019bc17a-0000-7000-8000-000000000002';

/** An id of an event that is recognised in results by its number. */
export const eventId = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export interface RecordedSession {
  session: Session;
  /** RFC 3339: so many seconds after the session's start. */
  at: (seconds: number) => string;
  event: (number: number, seconds: number, more?: Partial<SessionEvent>) => SessionEvent;
  /** Stores a batch of events. */
  receive: (batchId: string, events: SessionEvent[]) => Promise<void>;
  /** Adds a part from one second to another. */
  part: (
    part: number,
    fromSeconds: number,
    toSeconds?: number,
    more?: Partial<Recording>,
  ) => Promise<Recording>;
}

export async function recordedSession(
  services: Pick<Services, 'database' | 'clock'>,
  start: Date,
  more: Partial<Session> = {},
): Promise<RecordedSession> {
  const id = newSessionId(start);
  const at = (seconds: number) => new Date(start.getTime() + seconds * 1000).toISOString();
  const place = { id, customerId: CONTOSO, siteId: SITE, serverId: SERVER, startedAt: at(0) };
  await openMonth(services, CONTOSO, monthOfSession(id));
  const partition = await sessionPartition(services, CONTOSO, id);
  const session = { ...sampleSession({ ...place, state: 'live' }, 'full'), ...more };
  await partition.create(sessionType, session);
  return {
    session,
    at,
    event: (number, seconds, given) => ({
      id: eventId(number),
      type: 'appStart',
      time: at(seconds),
      data: { appName: 'notepad.exe' },
      ...given,
    }),
    receive: async (batchId, events) => {
      const batch = { id: batchId, receivedAt: at(0), policyVersion: null, events };
      await keepEventBatch(services, CONTOSO, id, batch);
    },
    part: (part, fromSeconds, toSeconds, given) =>
      partition.create(recordingType, {
        id: recordingId(id, part),
        sessionId: id,
        part,
        siteId: SITE,
        serverId: SERVER,
        container: 'mp4',
        state: 'complete',
        userName: 'CONTOSO\\ada',
        userKey: 'contoso\\ada',
        accountKey: 'ada',
        startedAt: at(fromSeconds),
        endedAt: toSeconds === undefined ? undefined : at(toSeconds),
        ...given,
      }),
  };
}
