/** What a request about restrictions names: recordings and sessions. A recording stands for its session. */
import { z } from 'zod';
import { parseRecordingId } from '../../../shared/ids';
import { groupBy } from '../../../shared/pure/group-by';

const MAX_NAMED = 1_000;
const RECORDING_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-\d{4}$/;

export const namedRecordings = z
  .strictObject({
    recordingIds: z.array(z.string().regex(RECORDING_ID)).max(MAX_NAMED).optional(),
    sessionIds: z.array(z.uuid().toLowerCase()).max(MAX_NAMED).optional(),
  })
  .refine(
    ({ recordingIds = [], sessionIds = [] }) =>
      recordingIds.length + sessionIds.length > 0 && recordingIds.length + sessionIds.length <= MAX_NAMED,
    { error: `Name 1 to ${MAX_NAMED} recordings and sessions.`, path: ['recordingIds'] },
  )
  .meta({
    id: 'NamedRecordings',
    description:
      'Recordings by id, or all recordings of a session; all recordings of the same session follow',
  });

/** A session, and where the request names it or its recordings. */
export interface NamedSession {
  sessionId: string;
  names: { pointer: string; recordingId?: string }[];
}

/** The sessions that are meant, each once, in the order in which they are named first. */
export function sessionsNamed({
  recordingIds = [],
  sessionIds = [],
}: z.output<typeof namedRecordings>): NamedSession[] {
  const ofRecordings = recordingIds.map((recordingId, index) => ({
    sessionId: parseRecordingId(recordingId)?.sessionId ?? recordingId,
    name: { pointer: `/recordingIds/${index}`, recordingId },
  }));
  const ofSessions = sessionIds.map((sessionId, index) => ({
    sessionId,
    name: { pointer: `/sessionIds/${index}` },
  }));
  const groups = groupBy([...ofRecordings, ...ofSessions], ({ sessionId }) => sessionId);
  return [...groups].map(([sessionId, named]) => ({ sessionId, names: named.map(({ name }) => name) }));
}
