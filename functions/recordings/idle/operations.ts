/** The HTTP operation with which players highlight idle periods (RCD-5). */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { findSiteSettings, idlePeriods } from '../../sites';
import { loadVisibleRecording } from '../access/visible-recording';
import { durationOf, readRecordingEvents } from '../events/recording-events';
import { IdlePeriodCollector, MAX_IDLE_PERIODS } from './idle-periods';

const idlePeriodsView = z
  .object({
    enabled: z
      .boolean()
      .describe('Whether the site wants idle periods highlighted; if not, there are none here'),
    thresholdSeconds: z.int().describe('Shorter periods without activity are not idle periods'),
    idleSeconds: z.number().nonnegative().describe('Duration of all idle periods together'),
    omitted: z
      .int()
      .nonnegative()
      .describe(`Number of the shortest periods beyond the ${MAX_IDLE_PERIODS} that are shown`),
    value: z.array(
      z.object({
        startSeconds: z.number().nonnegative().describe('Seconds from the start of the recording'),
        endSeconds: z.number().nonnegative().describe('Seconds from the start of the recording'),
      }),
    ),
  })
  .meta({ id: 'IdlePeriods' });

const getIdlePeriods = operation({
  id: 'getIdlePeriods',
  method: 'GET',
  path: '/api/v1/recordings/{recordingId}/idlePeriods',
  tag: 'Recordings',
  summary: 'Show when the user of a recorded session was idle',
  description:
    'Computed from the idle events of the session with the limits of its site (`idlePeriods` in the site settings): in ' +
    'an idle period there was no input by keyboard or mouse, and too few graphics packets to count as activity.',
  access: 'recordings.play',
  success: { status: 200, description: 'Idle periods in order of time', body: idlePeriodsView },
  load: loadVisibleRecording,
  async handle({ resource, caller: { customerId }, services, signal }) {
    const settings = await findSiteSettings(services, customerId, resource.siteId);
    const { enabled, thresholdSeconds } = settings?.idlePeriods ?? idlePeriods.parse({});
    const { startedAt } = resource;
    const collector = new IdlePeriodCollector(startedAt, durationOf(resource), thresholdSeconds);
    if (enabled) {
      for await (const event of readRecordingEvents(services, customerId, resource)) {
        signal.throwIfAborted();
        collector.add(event);
      }
    }
    const { periods, ...totals } = collector.result();
    return { body: { enabled, thresholdSeconds, ...totals, value: periods } };
  },
});

export const idleOperations: readonly Operation[] = [getIdlePeriods];
