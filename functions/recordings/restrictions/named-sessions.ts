/** The sessions that a request refers to, directly or through one of their recordings. */
import { z } from 'zod';
import { resourceId } from '../../../shared/http/fields';
import { parseRecordingId } from '../../../shared/ids';
import { groupBy } from '../../../shared/pure/group-by';

const MAX_NAMED = 1_000;
/** Like the id of a resource, in either case. */
const recordingId = z
  .string()
  .toLowerCase()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-\d{4}$/,
    'Must be the id of a recording: the id of its session, - and its part in four digits.',
  );

/** The fields that name recordings, for bodies that have others, too. */
export const namedFields = {
  recordingIds: z
    .array(recordingId)
    .max(MAX_NAMED)
    .optional()
    .describe('Recordings, and all others of their sessions'),
  sessionIds: z.array(resourceId).max(MAX_NAMED).optional().describe('Sessions: all of their recordings'),
};

interface Named {
  recordingIds?: string[] | undefined;
  sessionIds?: string[] | undefined;
}

/** Whether a body names something, and not too much. */
export function namesSome({ recordingIds = [], sessionIds = [] }: Named): boolean {
  const count = recordingIds.length + sessionIds.length;
  return count > 0 && count <= MAX_NAMED;
}

/** The error of a body for which `namesSome` does not hold. */
export const NAMES_NONE = {
  error: `Specify 1 to ${MAX_NAMED} recordings and sessions.`,
  path: ['recordingIds'],
};

export const namedRecordings = z
  .strictObject({
    recordingIds: z.array(recordingId).max(MAX_NAMED).optional(),
    sessionIds: z.array(resourceId).max(MAX_NAMED).optional(),
  })
  .refine(namesSome, NAMES_NONE)
  .meta({
    id: 'NamedRecordings',
    minProperties: 1,
    examples: [{ recordingIds: ['0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55-0001'] }],
    description:
      'Recordings by id, or all recordings of a session; always applies to all recordings of a session',
  });

/** A session, and where the request refers to it or its recordings. */
export interface NamedSession {
  sessionId: string;
  names: { pointer: string; recordingId?: string }[];
}

/** The distinct sessions of the request, in order of first mention. */
export function sessionsNamed({ recordingIds = [], sessionIds = [] }: Named): NamedSession[] {
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

/** The sessions, and how many recordings and sessions were named. */
export function namedSessions(body: Named): { named: NamedSession[]; count: number } {
  const { size: count } = new Set([...(body.recordingIds ?? []), ...(body.sessionIds ?? [])]);
  return { named: sessionsNamed(body), count };
}
