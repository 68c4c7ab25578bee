/**
 * Rates recordings once they have ended, and again when a severe comment, a response or events come later (RCD-11). What
 * searches know of their events is renewed with that (RCD-2).
 */
import type { z } from 'zod';
import { DocumentExists, DocumentGone, DocumentStale, PredicateFailed } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { ReadSessionResponses } from '../../../shared/events/session-responses';
import {
  rateRecordingsQueue,
  type RecordingToRate,
  type SpanToRate,
} from '../../../shared/recordings/rate-recordings-queue';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import { sessionPartition } from '../../sessions';
import { type Recording, recordingType } from '../recording';
import type { EventFields } from '../search/event-fields';
import { readEventFields } from '../search/read-event-fields';
import { findRecording } from '../store';
import { keepInsights, readInsights } from './insights';
import { countPrograms } from './program-history';
import { scoreOf } from './score';

type Message = z.output<typeof rateRecordingsQueue.message>;
type Rating = Pick<Services, 'database' | 'blobs' | 'clock' | 'queues'>;

/** What a rating writes to its recording. */
type Rated = Pick<Recording, 'score' | 'eventsReadAt' | keyof EventFields>;

/** The clocks of two instances of the app may differ by less than this. */
const CLOCK_DIFFERENCE_MILLISECONDS = 10_000;

/**
 * Many messages about late events of a recording cost one pass over its events in the time by which they are delayed: the
 * first one to be processed counts what was stored before, so that the others find nothing to do.
 */
export function rateRecording(readResponses: ReadSessionResponses) {
  return async (services: Rating, message: Message): Promise<void> => {
    if ('sessionId' in message) await rateSpan(services, message);
    else await retryConflicts(() => rate(services, message, readResponses), isLostRace);
  };
}

/** One message for each recording: a session can have hundreds. */
async function rateSpan(
  services: Rating,
  { customerId, sessionId, from, to, eventsStoredAt }: SpanToRate,
): Promise<void> {
  const partition = await sessionPartition(services, customerId, sessionId);
  const recordings = await partition.query<{ id: string; startedAt: string; endedAt?: string }>(
    'SELECT c.id, c.startedAt, c.endedAt FROM c WHERE c.type = @type AND c.sessionId = @sessionId',
    [
      { name: '@type', value: recordingType.name },
      { name: '@sessionId', value: sessionId },
    ],
  );
  for (const { id, startedAt, endedAt = to } of recordings) {
    if (startedAt > to || endedAt < from) continue;
    const recordingId = id.slice(`${recordingType.name}:`.length);
    await services.queues.send(rateRecordingsQueue, { customerId, recordingId, eventsStoredAt });
  }
}

/**
 * Every step can be repeated: what was found is kept before the recording's programs count for later recordings of the
 * user, and a recording counts once.
 */
async function rate(services: Rating, message: RecordingToRate, readResponses: ReadSessionResponses) {
  const { customerId, recordingId } = message;
  const recording = await findRecording(services, customerId, recordingId);
  if (!recording || recording.state === 'deleting' || isCounted(recording, message)) return;
  // A live recording is rated at its end. One without an end, which was abandoned, has no score.
  if (recording.endedAt === undefined) {
    if (recording.state === 'abandoned') await countEvents(services, customerId, recording);
    return;
  }
  const eventsChanged = message.eventsStoredAt !== undefined || message.eventsChanged === true;
  const reader = { services, customerId, recording, readResponses };
  const insights = await readInsights(reader, eventsChanged);
  await keepInsights(reader, insights);
  await countPrograms(services, customerId, recording, insights.analysis.programs);
  const { eventFields, eventsReadAt = '' } = insights;
  // Only with the fields: a rating that ended before it wrote them is repeated by its message.
  const counted = eventFields && { ...eventFields, eventsReadAt };
  const rated = { score: scoreOf(insights.totals), ...counted };
  await keepRated(services, customerId, recording, rated, eventsReadAt);
}

/** Whether a rating has counted the events of the message. */
function isCounted({ eventsReadAt }: Recording, { eventsStoredAt }: RecordingToRate): boolean {
  if (eventsReadAt === undefined || eventsStoredAt === undefined) return false;
  return Date.parse(eventsReadAt) - Date.parse(eventsStoredAt) >= CLOCK_DIFFERENCE_MILLISECONDS;
}

async function countEvents(services: Rating, customerId: string, recording: Recording): Promise<void> {
  const eventsReadAt = services.clock.now().toISOString();
  const fields = await readEventFields(services, customerId, recording);
  await keepRated(services, customerId, recording, { ...fields, eventsReadAt }, eventsReadAt);
}

/**
 * @param eventsReadAt when the events were read that this follows from (RFC 3339 UTC); empty: before that was noted
 * @throws PredicateFailed when another rating has read them later
 */
async function keepRated(
  services: Rating,
  customerId: string,
  { id, sessionId }: Recording,
  rated: Rated,
  eventsReadAt: string,
): Promise<void> {
  const operations = Object.entries(rated).map(([name, value]) => ({
    op: 'set' as const,
    path: `/${name}`,
    value,
  }));
  const condition = `from c where NOT IS_DEFINED(c.eventsReadAt) OR c.eventsReadAt <= '${eventsReadAt}'`;
  const partition = await sessionPartition(services, customerId, sessionId);
  try {
    await partition.commit([change.patch(recordingType, id, operations, condition)]);
  } catch (error) {
    // It was deleted meanwhile.
    if (!(error instanceof DocumentGone)) throw error;
  }
}

function isLostRace(error: unknown): boolean {
  return [DocumentExists, DocumentStale, PredicateFailed].some((lost) => error instanceof lost);
}

/**
 * A recording that could not be rated has no score, or its last one; its points of interest are computed when somebody asks
 * for them.
 */
export async function giveUpRating(_services: unknown, message: Message, log: Log): Promise<void> {
  const { recordingId, sessionId } = { recordingId: undefined, sessionId: undefined, ...message };
  log.warn('recording.not-rated', { recordingId, sessionId });
}
