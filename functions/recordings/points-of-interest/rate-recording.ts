/** Rates a recording once it has ended, and again when a severe comment or a response comes later (RCD-11). */
import type { z } from 'zod';
import { DocumentGone } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import type { ReadSessionResponses } from '../../../shared/events/session-responses';
import type { rateRecordingsQueue } from '../../../shared/recordings/rate-recordings-queue';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import { sessionPartition } from '../../sessions';
import { recordingType } from '../recording';
import { findRecording } from '../store';
import { keepInsights, readInsights } from './insights';
import { countPrograms } from './program-history';
import { scoreOf } from './score';

type Message = z.output<typeof rateRecordingsQueue.message>;
type Rating = Pick<Services, 'database' | 'blobs' | 'clock'>;

/**
 * Every step can be repeated: what was found is kept before the recording's programs count for later recordings of the
 * user, and a recording counts once.
 */
export function rateRecording(readResponses: ReadSessionResponses) {
  return async (services: Rating, { customerId, recordingId, eventsChanged }: Message): Promise<void> => {
    const recording = await findRecording(services, customerId, recordingId);
    // A live recording is rated at its end.
    if (recording?.endedAt === undefined) return;
    const reader = { services, customerId, recording, readResponses };
    const insights = await readInsights(reader, eventsChanged);
    await keepInsights(reader, insights);
    await countPrograms(services, customerId, recording, insights.analysis.programs);
    const partition = await sessionPartition(services, customerId, recording.sessionId);
    const score = scoreOf(insights.totals);
    try {
      await partition.commit([
        change.patch(recordingType, recordingId, [{ op: 'set', path: '/score', value: score }]),
      ]);
    } catch (error) {
      // It was deleted meanwhile.
      if (!(error instanceof DocumentGone)) throw error;
    }
  };
}

/** A recording that could not be rated has no score; its points of interest are computed when somebody asks for them. */
export async function giveUpRating(_services: unknown, { recordingId }: Message, log: Log): Promise<void> {
  log.warn('recording.not-rated', { recordingId });
}
