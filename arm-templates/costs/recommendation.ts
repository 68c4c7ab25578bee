/** Recommends the number of servers and the storage of a site from the expected sessions. */
import { z } from 'zod';

/**
 * The model. A range counts with its upper end. One server of 4 vCPUs records 2,000 concurrent sessions: screen updates
 * are already encoded, so that the cost is receiving and writing them. A recording of a day of office work has about
 * 100 MiB where the display changes occasionally, a third of that for reading and typing, three times as much for video
 * or graphics. These are initial values: statistics of the site are more accurate.
 */
const SESSIONS_PER_SERVER = 2_000;
const MIB_PER_SESSION = { little: 30, some: 100, much: 300 } as const;
const MIB_PER_TIB = 1_048_576;
/** Standard file shares have 5 TiB each; a site has at most 50. */
const TIB_PER_SHARE = 5;
const MAX_SHARES_PER_SITE = 50;

const CONCURRENT_SESSIONS = {
  '0-2000': 2_000,
  '2000-4000': 4_000,
  '4000-6000': 6_000,
  '6000-10000': 10_000,
  '10000-20000': 20_000,
  '20000-50000': 50_000,
} as const;
const SESSIONS_PER_DAY = {
  '0-1000': 1_000,
  '1000-5000': 5_000,
  '5000-10000': 10_000,
  '10000-20000': 20_000,
  '20000-50000': 50_000,
} as const;
const RETENTION_DAYS = {
  '0-7': 7,
  '7-15': 15,
  '15-30': 30,
  '30-60': 60,
  '60-90': 90,
  '90-180': 180,
} as const;

const rangeEnum = <T extends Record<string, number>>(bands: T) =>
  z.enum(Object.keys(bands) as [keyof T & string, ...(keyof T & string)[]]).optional();

/** Answers to the questions of the wizard, all of them optional. */
export const recordingNeeds = z
  .strictObject({
    concurrentSessions: rangeEnum(CONCURRENT_SESSIONS).describe('Maximum number of concurrent sessions'),
    visualMovement: z
      .enum(Object.keys(MIB_PER_SESSION) as [keyof typeof MIB_PER_SESSION])
      .optional()
      .describe('How much the display changes: `little`, `some` (but not drastically), `much`'),
    sessionsPerDay: rangeEnum(SESSIONS_PER_DAY),
    retentionDays: rangeEnum(RETENTION_DAYS),
  })
  .meta({ id: 'RecordingNeeds' });

export type RecordingNeeds = z.output<typeof recordingNeeds>;

export const recommendationView = z
  .object({
    servers: z.int().optional().describe('Absent without an answer on concurrent sessions'),
    storageTib: z
      .int()
      .optional()
      .describe('Absent without answers on movement, sessions a day and retention'),
    shares: z.int().optional().describe('File shares of 5 TiB'),
    notices: z.array(z.string()),
    model: z.object({
      sessionsPerServer: z.int(),
      mibPerSession: z.object({ little: z.int(), some: z.int(), much: z.int() }),
      tibPerShare: z.int(),
    }),
  })
  .meta({ id: 'Recommendation' });

/** The recommendation, with its model. A part whose answers are missing is not recommended. */
export function recommend(needs: RecordingNeeds): z.input<typeof recommendationView> {
  const { concurrentSessions, visualMovement, sessionsPerDay, retentionDays } = needs;
  const servers =
    concurrentSessions && Math.ceil(CONCURRENT_SESSIONS[concurrentSessions] / SESSIONS_PER_SERVER);
  const shares =
    visualMovement && sessionsPerDay && retentionDays
      ? Math.ceil(
          (SESSIONS_PER_DAY[sessionsPerDay] *
            RETENTION_DAYS[retentionDays] *
            MIB_PER_SESSION[visualMovement]) /
            MIB_PER_TIB /
            TIB_PER_SHARE,
        )
      : undefined;
  return {
    ...(servers ? { servers } : {}),
    ...(shares ? { shares, storageTib: shares * TIB_PER_SHARE } : {}),
    notices:
      (shares ?? 0) > MAX_SHARES_PER_SITE
        ? [
            `A site has ${MAX_SHARES_PER_SITE} file shares at most: plan several sites, archive sooner, or use premium storage with larger shares.`,
          ]
        : [],
    model: {
      sessionsPerServer: SESSIONS_PER_SERVER,
      mibPerSession: MIB_PER_SESSION,
      tibPerShare: TIB_PER_SHARE,
    },
  };
}
