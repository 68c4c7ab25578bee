/** Statistics as the API shows them. */
import { z } from 'zod';
import { EVENT_TYPE_IDS, eventType } from '../../policies/engine';
import { type Command, SHELLS } from './commands';
import type { EventCounts } from './event-counts';
import type { TransferBucket } from './file-transfers';
import { positionSeconds, type RecordedSpan } from './recorded-span';
import type { ApplicationFocus, FocusOfRecording } from './screen-time';

/** Keeps the answer below some megabytes; what is left out is counted. */
const MAX_APPLICATIONS = 100;
const MAX_INTERVALS = 500;

const seconds = z.number().nonnegative();

const interval = z.object({
  startedAt: z.iso.datetime().describe('When the application got the focus'),
  positionSeconds: seconds.describe('The same from the start of the recording'),
  durationSeconds: seconds.describe('For how long it kept the focus'),
});

export const screenTimeView = z
  .object({
    durationSeconds: seconds.describe('Length of the recording; of a live one, until now'),
    unknownSeconds: seconds.describe('From its start until a window was known to be in focus'),
    applications: z
      .array(
        z.object({
          appName: z.string().describe('Empty: events did not name the application'),
          totalSeconds: seconds.describe('How long its windows were in focus altogether'),
          intervalCount: z.int().describe('How often they got the focus'),
          intervals: z.array(interval).describe(`By time; of more than ${MAX_INTERVALS} the longest ones`),
        }),
      )
      .describe(`The longest time first; at most ${MAX_APPLICATIONS}`),
    otherApplications: z
      .object({ count: z.int(), totalSeconds: seconds })
      .describe('Further applications, which are not listed'),
  })
  .meta({ id: 'ScreenTime' });

/** @param shown whether an application with this screen time in seconds is asked for */
export function viewOfScreenTime(
  { applications, unknownMilliseconds }: FocusOfRecording,
  span: RecordedSpan,
  shown: (totalSeconds: number) => boolean,
): z.input<typeof screenTimeView> {
  const chosen = applications.filter(({ totalMilliseconds }) => shown(totalMilliseconds / 1000));
  const others = chosen.slice(MAX_APPLICATIONS);
  const otherMilliseconds = others.reduce((sum, { totalMilliseconds }) => sum + totalMilliseconds, 0);
  return {
    durationSeconds: (span.end - span.start) / 1000,
    unknownSeconds: unknownMilliseconds / 1000,
    applications: chosen.slice(0, MAX_APPLICATIONS).map((application) => ({
      appName: application.appName ?? '',
      totalSeconds: application.totalMilliseconds / 1000,
      intervalCount: application.starts.length,
      intervals: longestIntervals(application).map(({ start, end }) => ({
        startedAt: new Date(start).toISOString(),
        positionSeconds: positionSeconds(span, start),
        durationSeconds: (end - start) / 1000,
      })),
    })),
    otherApplications: { count: others.length, totalSeconds: otherMilliseconds / 1000 },
  };
}

function longestIntervals({ starts, ends }: ApplicationFocus): { start: number; end: number }[] {
  const lengthOf = (index: number) => (ends[index] ?? 0) - (starts[index] ?? 0);
  return [...starts.keys()]
    .sort((a, b) => lengthOf(b) - lengthOf(a) || a - b)
    .slice(0, MAX_INTERVALS)
    .sort((a, b) => a - b)
    .map((index) => ({ start: starts[index] ?? 0, end: ends[index] ?? 0 }));
}

const transferred = z.object({
  files: z.int().nonnegative().describe('Number of transferred files'),
  sizeBytes: z.int().nonnegative().describe('Their size in bytes, where it is known'),
});

const directions = {
  hostToClient: transferred.describe('From the recorded machine to the client'),
  clientToHost: transferred.describe('From the client to the recorded machine'),
};

export const fileTransfersView = z
  .object({
    total: z.object(directions).describe('All transfers of the recording in the chosen direction'),
    unknownDirectionFiles: z.int().describe('Transfers of which events did not say the direction'),
    buckets: z
      .array(z.object({ startedAt: z.iso.datetime().describe('Start of the interval'), ...directions }))
      .describe('Intervals with transfers, by time'),
  })
  .meta({ id: 'FileTransfers' });

export function viewOfBucket({ start, ...counts }: TransferBucket) {
  return { startedAt: new Date(start).toISOString(), ...counts };
}

export const commandView = z
  .object({
    eventId: z.string(),
    time: z.iso.datetime().describe('When it was run'),
    positionSeconds: seconds.describe('The same from the start of the recording'),
    appName: z.string(),
    commandLine: z.string().describe('Empty: the event did not have it'),
    shell: z.enum(SHELLS).describe('The shell itself, or the one that started the program'),
    processId: z.int().optional(),
  })
  .meta({ id: 'Command' });

export function viewOfCommand({ event, shell }: Command, span: RecordedSpan): z.input<typeof commandView> {
  const { appName, commandLine, processId } = event.data;
  return {
    eventId: event.id,
    time: event.time,
    positionSeconds: positionSeconds(span, Date.parse(event.time)),
    appName: String(appName ?? ''),
    commandLine: String(commandLine ?? ''),
    shell,
    processId: typeof processId === 'number' ? processId : undefined,
  };
}

export const eventStatisticsView = z
  .object({
    total: z.int().describe('All events of the recording'),
    types: z
      .array(
        z.object({
          type: z.enum(EVENT_TYPE_IDS),
          label: z.string(),
          count: z.int(),
          share: z.number().min(0).max(1).describe('Of all events'),
        }),
      )
      .describe('Types with events, the most frequent first'),
  })
  .meta({ id: 'EventStatistics' });

export function viewOfEventCounts(counts: EventCounts): z.input<typeof eventStatisticsView> {
  const types = counts.byType().map((row) => ({ ...row, label: eventType(row.type).label }));
  return { total: counts.total, types };
}
