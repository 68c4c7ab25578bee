/** Points of interest as the API shows them. */
import { z } from 'zod';
import type { Recording } from '../recording';
import { TRANSFER_DIRECTIONS } from '../statistics/file-transfers';
import type { Insights } from './insights';
import { MAX_MOMENTS, type Moment } from './moment';
import { scoreOf } from './score';
import { MOST_POINTS } from './weights';

const moment = {
  time: z.iso.datetime(),
  positionSeconds: z.number().nonnegative().describe('Seconds from the start of the recording'),
  points: z.int().positive().describe('How much it counts'),
};
const ofEvent = { ...moment, eventId: z.string() };
const recordings = z.int().nonnegative();

const momentView = z
  .discriminatedUnion('kind', [
    z
      .object({
        kind: z.literal('response'),
        ...ofEvent,
        eventType: z.string(),
        ruleId: z.string(),
        ruleName: z.string(),
        actions: z.array(
          z.object({
            kind: z
              .string()
              .describe('Kind of action')
              .meta({ examples: ['lockSession'] }),
            state: z
              .string()
              .describe('State of the action')
              .meta({ examples: ['done'] }),
          }),
        ),
      })
      .describe('A rule of an event response policy acted on an event'),
    z
      .object({
        kind: z.literal('severeComment'),
        ...moment,
        commentId: z.string(),
        text: z.string().describe('The comment'),
        author: z.object({ id: z.string(), name: z.string() }),
      })
      .describe('An administrator made a severe comment'),
    z
      .object({ kind: z.literal('accountChange'), ...ofEvent, userName: z.string() })
      .describe('A user account was changed'),
    z
      .object({
        kind: z.literal('fileTransfer'),
        ...ofEvent,
        fileName: z.string(),
        direction: z.enum(TRANSFER_DIRECTIONS),
        sizeBytes: z.int(),
      })
      .describe('A large file was transferred'),
    z
      .object({
        kind: z.literal('rareProgram'),
        ...ofEvent,
        appName: z.string(),
        otherRecordings: recordings.describe('Other recordings of the user in the 90 days before'),
        recordingsWithProgram: recordings.describe('Those of them in which the program was started'),
      })
      .describe('The user started a program that they rarely use'),
    z
      .object({ kind: z.literal('connection'), ...ofEvent, ipAddress: z.string() })
      .describe('A connection to another machine'),
  ])
  .meta({ id: 'PointOfInterest' });

const MOST = Object.values(MOST_POINTS).reduce((sum, most) => sum + most, 0);

export const pointsOfInterestView = z
  .object({
    score: z.int().min(0).max(MOST).describe('By which recordings are compared: all points, limited by kind'),
    moments: z.array(momentView).describe(`Most points first, then by time; at most ${MAX_MOMENTS}`),
    eventsPerMinute: z
      .array(z.int())
      .describe('Activity: number of events in each minute from the start of the recording'),
  })
  .meta({ id: 'PointsOfInterest' });

export function viewOfPointsOfInterest(
  { startedAt }: Recording,
  { analysis, totals }: Insights,
): z.input<typeof pointsOfInterestView> {
  const start = Date.parse(startedAt);
  return {
    score: scoreOf(totals),
    moments: totals.moments.map((found: Moment) => ({
      ...found,
      positionSeconds: Math.max(0, Date.parse(found.time) - start) / 1000,
    })),
    eventsPerMinute: analysis.eventsPerMinute,
  };
}
