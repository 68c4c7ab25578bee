/** HTTP operations of points of interest and of the summary of a recording (RCD-11). */
import type { ReadSessionResponses } from '../../../shared/events/session-responses';
import { type Operation, operation } from '../../../shared/http/operation';
import { loadVisibleRecording } from '../access/visible-recording';
import { recordingSummaryView, viewOfSummary } from '../summary/summary-view';
import { readInsights } from './insights';
import { pointsOfInterestView, viewOfPointsOfInterest } from './views';

const tag = 'Recordings';
const path = '/api/v1/recordings/{recordingId}';

/** @param readResponses what was done about events of a session */
export function insightOperations(readResponses: ReadSessionResponses): readonly Operation[] {
  const getPointsOfInterest = operation({
    id: 'getPointsOfInterest',
    method: 'GET',
    path: `${path}/pointsOfInterest`,
    tag,
    summary: 'Show the moments of a recording that are worth a look',
    description:
      'Computed from events, responses and severe comments, each moment with its facts. The weights are those of ' +
      '`docs/points-of-interest.md`.',
    access: 'recordings.play',
    success: { status: 200, description: 'Points of interest', body: pointsOfInterestView },
    load: loadVisibleRecording,
    async handle({ resource: recording, caller: { customerId }, services, signal }) {
      const insights = await readInsights({ services, customerId, recording, readResponses, signal });
      return { body: viewOfPointsOfInterest(recording, insights) };
    },
  });

  const getSummary = operation({
    id: 'getRecordingSummary',
    method: 'GET',
    path: `${path}/summary`,
    tag,
    summary: 'Summarize a recording',
    description:
      'Programs by the time in focus, transferred files, commands, alerts, and how long the user was idle.',
    access: 'recordings.play',
    success: { status: 200, description: 'The summary', body: recordingSummaryView },
    load: loadVisibleRecording,
    async handle({ resource: recording, caller: { customerId }, services, signal }) {
      const insights = await readInsights({ services, customerId, recording, readResponses, signal });
      return { body: viewOfSummary(insights) };
    },
  });
  return [getPointsOfInterest, getSummary];
}
