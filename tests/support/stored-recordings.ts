/** For tests: sessions and recordings as they are stored, of any age. */
import type { Recording } from '../../functions/recordings/recording';
import type { Session } from '../../functions/sessions/session';
import { newSessionId, recordingId } from '../../shared/ids';

interface Place {
  customerId: string;
  siteId: string;
  serverId: string;
}

/** A session that has ended, unless `more` says otherwise. */
export function storedSession(place: Place, startedAt: Date, more: Partial<Session> = {}): Session {
  const id = newSessionId(startedAt);
  return {
    ...place,
    id,
    sessionKey: id,
    facts: { user: { name: 'CONTOSO\\ada', groups: [] }, tags: [] },
    startedAt: startedAt.toISOString(),
    endedAt: startedAt.toISOString(),
    state: 'ended',
    // Nothing that reads these sessions looks at it.
    decision: {} as Session['decision'],
    ...more,
  };
}

/** A part of the session that is complete, unless `more` says otherwise; its file is to be stored as `blobName`. */
export function storedRecording(
  session: Session,
  part: number,
  more: Partial<Recording> = {},
): Recording & { blobName: string } {
  const { customerId, siteId, serverId, startedAt, endedAt } = session;
  const id = recordingId(session.id, part);
  return {
    id,
    sessionId: session.id,
    part,
    siteId,
    serverId,
    container: 'webm',
    state: 'complete',
    userName: 'CONTOSO\\ada',
    userKey: 'contoso\\ada',
    accountKey: 'ada',
    startedAt,
    endedAt,
    sizeBytes: 100,
    ...more,
    blobName: more.blobName ?? `${customerId}/${id}.webm`,
  };
}
