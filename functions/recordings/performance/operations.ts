/** The HTTP operation that shows the performance of a recorded session (RCD-7). */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import type { Services } from '../../../shared/services';
import { findSession, readSessionSamples } from '../../sessions';
import { loadVisibleRecording } from '../access/visible-recording';
import { durationOf, positionOf, timeRangeOf } from '../events/recording-events';
import type { Recording } from '../recording';
import { intervalFor, MAX_POINTS, performancePoints } from './performance-points';

const NOT_LOGGED = 'The event detection policy of the session did not log performance data.';

const performanceView = z
  .object({
    available: z
      .boolean()
      .describe('Whether the event detection policy of the session logged performance data'),
    reason: z
      .string()
      .optional()
      .describe('Why there is none')
      .meta({ examples: [NOT_LOGGED] }),
    intervalSeconds: z.int().describe('Seconds that each point covers: 5, or more for long recordings'),
    value: z.array(
      z.object({
        positionSeconds: z
          .number()
          .describe('Seconds from the start of the recording to the beginning of the interval'),
        cpuPercent: z.number().optional().describe('Average'),
        memoryPercent: z.number().optional().describe('Average'),
        networkSendBytesPerSecond: z.number().optional().describe('Average'),
        networkReceiveBytesPerSecond: z.number().optional().describe('Average'),
        roundTripMilliseconds: z.number().optional().describe('Average; measured every 15 seconds'),
      }),
    ),
  })
  .meta({ id: 'RecordingPerformance' });

const getPerformance = operation({
  id: 'getRecordingPerformance',
  method: 'GET',
  path: '/api/v1/recordings/{recordingId}/performance',
  tag: 'Recordings',
  summary: 'Show the performance of a recorded session',
  description:
    `Averages per 5 seconds. There are at most ${MAX_POINTS} points: recordings of more than 2 hours and 46 minutes get longer ` +
    'intervals. An interval in which nothing was measured has no point.',
  access: 'recordings.play',
  success: { status: 200, description: 'Points in order of time', body: performanceView },
  load: loadVisibleRecording,
  async handle({ resource, caller: { customerId }, services, signal }) {
    const { startedAt } = resource;
    const untilNow = (services.clock.now().getTime() - Date.parse(startedAt)) / 1000;
    const intervalSeconds = intervalFor(Math.max(0, durationOf(resource) ?? untilNow));
    const session = await findSession(services, customerId, resource.sessionId);
    const isLogged = session?.decision.logPerformanceData ?? false;
    // A decision says what holds now: before a roll-over it may have been another one.
    if (!isLogged && !session?.rollOver) return { body: { ...NONE, intervalSeconds } };
    const value = await performancePoints(samplesOf(services, customerId, resource, signal), intervalSeconds);
    if (!isLogged && value.length === 0) return { body: { ...NONE, intervalSeconds } };
    return { body: { available: true, intervalSeconds, value } };
  },
});

const NONE = { available: false, reason: NOT_LOGGED, value: [] };

async function* samplesOf(
  services: Pick<Services, 'database' | 'blobs'>,
  customerId: string,
  recording: Recording,
  signal: AbortSignal,
) {
  const range = await timeRangeOf(services, customerId, recording);
  for await (const sample of readSessionSamples(services, customerId, recording.sessionId, range)) {
    signal.throwIfAborted();
    yield { ...sample, positionSeconds: positionOf(recording, sample.time) };
  }
}

export const performanceOperations: readonly Operation[] = [getPerformance];
