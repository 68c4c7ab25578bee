/** The summary of a recording as the API shows it (RCD-11). */
import { z } from 'zod';
import type { Insights } from '../points-of-interest/insights';
import { scoreOf } from '../points-of-interest/score';

const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);
const transferred = z.object({
  files: z.int().nonnegative(),
  sizeBytes: z.int().nonnegative().describe('Their size in bytes, where it is known'),
});

export const recordingSummaryView = z
  .object({
    durationSeconds: seconds.describe('Length of the recording; of a live one, until now'),
    score: z.int().nonnegative().describe('See the points of interest'),
    programs: z
      .array(
        z.object({
          appName: z.string().describe('Empty: events did not name the application'),
          totalSeconds: seconds.describe('How long its windows were in focus altogether'),
          share: share.describe('The same as a share of the recording'),
        }),
      )
      .describe('In focus for the longest time first; at most 20'),
    filesOut: transferred.describe('Transferred from the recorded machine to the client'),
    filesIn: transferred.describe('Transferred from the client to the recorded machine'),
    commandCount: z.int().nonnegative().describe('Commands, as the statistics list them'),
    alertCount: z.int().nonnegative().describe('Events of which an alert mail was sent or is being sent'),
    responseCount: z.int().nonnegative().describe('Events that a rule acted on'),
    eventCount: z.int().nonnegative().describe('All events'),
    idleSeconds: seconds.describe('For how long the user was idle'),
    idleShare: share.describe('The same as a share of the recording'),
  })
  .meta({ id: 'RecordingSummary' });

export function viewOfSummary({
  analysis,
  responses,
  totals,
}: Insights): z.input<typeof recordingSummaryView> {
  const { durationSeconds, applications, transfers, commandCount, eventCount, idleSeconds } = analysis;
  const shareOf = (part: number) => (durationSeconds === 0 ? 0 : Math.min(1, part / durationSeconds));
  return {
    durationSeconds,
    score: scoreOf(totals),
    programs: applications.map((program) => ({ ...program, share: shareOf(program.totalSeconds) })),
    filesOut: transfers.hostToClient,
    filesIn: transfers.clientToHost,
    commandCount,
    alertCount: responses.alertCount,
    responseCount: responses.responseCount,
    eventCount,
    idleSeconds,
    idleShare: shareOf(idleSeconds),
  };
}
