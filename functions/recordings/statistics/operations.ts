/** HTTP operations of the statistics of a recording (RCD-6). */
import { z } from 'zod';
import { resourceId, timeZone } from '../../../shared/http/fields';
import { type Operation, operation } from '../../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../../shared/http/paging';
import { validationFailed } from '../../../shared/http/validation';
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import { loadVisibleRecording } from '../access/visible-recording';
import { MAX_TERM_CHARACTERS, MAX_TERMS } from '../command-searches/command-search';
import { findCommandSearch } from '../command-searches/store';
import { EventCounts } from './event-counts';
import {
  FileTransfers,
  TRANSFER_DIRECTIONS,
  TRANSFER_INTERVALS,
  type TransferInterval,
} from './file-transfers';
import { commandKey, listCommands } from './list-commands';
import { spanOf, visitEvents } from './read-events';
import { ScreenTime } from './screen-time';
import {
  commandView,
  eventStatisticsView,
  fileTransfersView,
  screenTimeView,
  viewOfBucket,
  viewOfCommand,
  viewOfEventCounts,
  viewOfScreenTime,
} from './statistics-views';

const tag = 'Recordings';
const path = '/api/v1/recordings/{recordingId}/statistics';

const durationSeconds = z
  .number()
  .nonnegative()
  .max(31 * 86_400);

const screenTimeQuery = z
  .strictObject({
    durationFromSeconds: durationSeconds
      .optional()
      .describe('Applications that were in focus for at least this time altogether'),
    durationToSeconds: durationSeconds
      .optional()
      .describe('Applications that were in focus for at most this time altogether'),
  })
  .refine(
    ({ durationFromSeconds = 0, durationToSeconds = Infinity }) => durationFromSeconds <= durationToSeconds,
    {
      path: ['durationFromSeconds'],
      error: 'Must not be greater than `durationToSeconds`.',
    },
  );

const getScreenTime = operation({
  id: 'getScreenTime',
  method: 'GET',
  path: `${path}/screenTime`,
  tag,
  summary: 'Show for how long windows of applications were in focus',
  description:
    'A window is in focus from its Top Most event until the next one. Intervals do not overlap; with `unknownSeconds` ' +
    'they add up to the length of the recording.',
  access: 'recordings.play',
  query: screenTimeQuery,
  success: { status: 200, description: 'Screen time by application', body: screenTimeView },
  load: loadVisibleRecording,
  async handle({ resource, query, caller: { customerId }, services, signal }) {
    const span = await spanOf(services, customerId, resource);
    const screenTime = new ScreenTime();
    for await (const { event } of visitEvents(services, customerId, resource, span, signal))
      screenTime.add(event);
    const { durationFromSeconds = 0, durationToSeconds = Infinity } = query;
    const isShown = (total: number) => total >= durationFromSeconds && total <= durationToSeconds;
    return { body: viewOfScreenTime(screenTime.result(span), span, isShown) };
  },
});

const fileTransfersQuery = z.strictObject({
  interval: z
    .enum(Object.keys(TRANSFER_INTERVALS) as [TransferInterval, ...TransferInterval[]])
    .default('minute')
    .describe('Length of the intervals; they begin on boundaries of the clock'),
  direction: z
    .enum(['all', ...TRANSFER_DIRECTIONS])
    .default('all')
    .describe('Which transfers are counted'),
  timeZone: timeZone.default('UTC').describe('IANA name of the time zone whose clock counts'),
});

const getFileTransfers = operation({
  id: 'getFileTransfers',
  method: 'GET',
  path: `${path}/fileTransfers`,
  tag,
  summary: 'Show file transfers between the recorded machine and the client by time',
  description: 'By number and by size. Intervals without transfers are left out.',
  access: 'recordings.play',
  query: fileTransfersQuery,
  success: { status: 200, description: 'File transfers by time', body: fileTransfersView },
  load: loadVisibleRecording,
  async handle({ resource, query, caller: { customerId }, services, signal }) {
    const span = await spanOf(services, customerId, resource);
    const transfers = new FileTransfers();
    for await (const { event, isWithin } of visitEvents(services, customerId, resource, span, signal))
      if (isWithin) transfers.add(event);
    const directions = query.direction === 'all' ? TRANSFER_DIRECTIONS : [query.direction];
    return {
      body: {
        total: transfers.total(directions),
        unknownDirectionFiles: transfers.unknownDirection,
        buckets: transfers.buckets(query.interval, query.timeZone, directions).map(viewOfBucket),
      },
    };
  },
});

const commandsQuery = z.strictObject({
  ...pageQuery,
  search: z
    .string()
    .max(MAX_TERMS * (MAX_TERM_CHARACTERS + 1))
    .optional()
    .describe(
      'Commands that contain this text, in any case; several texts, one a line, are combined with OR',
    ),
  commandSearchId: resourceId
    .optional()
    .describe(
      "Commands that contain a text of this saved search of the caller's; combined with `search` with OR",
    ),
});

const getCommands = operation({
  id: 'listCommands',
  method: 'GET',
  path: `${path}/commands`,
  tag,
  summary: 'List the commands that were run',
  description:
    'Command lines of cmd.exe, powershell.exe and pwsh.exe, and of the programs that these started, directly or through ' +
    'other programs, in order of time.',
  access: 'recordings.play',
  query: commandsQuery,
  success: { status: 200, description: 'A page of commands', body: pageOf(commandView) },
  load: loadVisibleRecording,
  async handle({ resource, query, caller, services, signal, params }) {
    const { customerId } = caller;
    const terms = await termsOf(services, caller, query);
    const span = await spanOf(services, customerId, resource);
    const body = await readPage({
      services,
      caller,
      path: `${path}/commands`.replace('{recordingId}', params.recordingId),
      query,
      read: (limit, after) =>
        listCommands(visitEvents(services, customerId, resource, span, signal), { terms, limit, after }),
      keyOf: ({ event }) => commandKey(event),
      toItem: (command) => viewOfCommand(command, span),
    });
    return { body };
  },
});

/** @throws Problem `validation-failed` for a saved search that the caller does not have */
async function termsOf(
  services: Pick<Services, 'database'>,
  caller: Administrator,
  { search, commandSearchId }: z.output<typeof commandsQuery>,
): Promise<string[]> {
  const given = (search ?? '').split('\n').map((term) => term.trim());
  const custom = given.filter((term) => term !== '');
  if (commandSearchId === undefined) return custom;
  const saved = await findCommandSearch(services, caller, commandSearchId);
  if (!saved)
    throw validationFailed('The query', [
      { parameter: 'commandSearchId', detail: 'You have no saved search with this id.' },
    ]);
  return [...custom, ...saved.terms];
}

const getEventStatistics = operation({
  id: 'getEventStatistics',
  method: 'GET',
  path: `${path}/events`,
  tag,
  summary: 'Show the number and share of events by type',
  access: 'recordings.play',
  success: { status: 200, description: 'Events by type', body: eventStatisticsView },
  load: loadVisibleRecording,
  async handle({ resource, caller: { customerId }, services, signal }) {
    const span = await spanOf(services, customerId, resource);
    const counts = new EventCounts();
    for await (const { event, isWithin } of visitEvents(services, customerId, resource, span, signal))
      if (isWithin) counts.add(event);
    return { body: viewOfEventCounts(counts) };
  },
});

export const statisticsOperations: readonly Operation[] = [
  getScreenTime,
  getFileTransfers,
  getCommands,
  getEventStatistics,
];
