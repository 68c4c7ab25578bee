/** HTTP operations with which administrators find recordings. */
import { z } from 'zod';
import { withinCalendar } from '../../shared/clock';
import { type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { listRecordings } from './list-recordings';
import { type RecordingState, recordingView, viewOfRecording } from './recording';
import { findRecording } from './store';

const tag = 'Recordings';
const path = '/api/v1/recordings';

/** What callers ask for, and the states that it means. */
const STATES = {
  live: ['uploading'],
  completed: ['verifying', 'complete'],
  damaged: ['damaged', 'verificationFailed'],
} as const satisfies Record<string, readonly RecordingState[]>;

const DEFAULT_STATES = [...STATES.live, ...STATES.completed];

const instant = z.iso.datetime({ offset: true });

/** As times are stored, and so can be compared with. */
const inUtc = (time: string): string => withinCalendar(new Date(time)).toISOString();

const recordingQuery = z.strictObject({
  ...pageQuery,
  siteId: z.uuid().optional().describe('Recordings of this site'),
  serverId: z.uuid().optional().describe('Recordings of this server'),
  userName: z
    .string()
    .trim()
    .min(1)
    .max(256)
    .optional()
    .describe("The beginning of the user's name, with or without its domain; case does not matter"),
  state: z
    .enum(['live', 'completed', 'damaged'])
    .optional()
    .describe('`live`: not uploaded in full; live and completed ones when absent'),
  from: instant.optional().describe('Recordings that began then or later'),
  to: instant.optional().describe('Recordings that began before'),
});

const getRecordings = operation({
  id: 'listRecordings',
  method: 'GET',
  path,
  tag,
  summary: 'List recordings',
  description:
    'By start of their session, then part, newest first. Pages stay as they are while recordings are added.',
  access: 'recordings.search',
  query: recordingQuery,
  success: { status: 200, description: 'A page of recordings', body: pageOf(recordingView) },
  async handle({ query, caller, services }) {
    const { siteId, serverId, userName, state, from, to } = query;
    const filter = {
      siteId,
      serverId,
      userName,
      states: state === undefined ? DEFAULT_STATES : STATES[state],
      from: from && inUtc(from),
      to: to && inUtc(to),
    };
    const body = await readPage({
      services,
      path,
      query,
      read: (limit, after) => listRecordings(services, caller.customerId, filter, { limit, after }),
      keyOf: (recording) => recording.id,
      toItem: viewOfRecording,
    });
    return { body };
  },
});

const getRecording = operation({
  id: 'getRecording',
  method: 'GET',
  path: `${path}/{recordingId}`,
  tag,
  summary: 'Show a recording',
  access: 'recordings.search',
  success: { status: 200, description: 'The recording', body: recordingView },
  load: ({ params, caller, services }) => findRecording(services, caller.customerId, params.recordingId),
  handle: async ({ resource }) => ({ body: viewOfRecording(resource) }),
});

export const recordingOperations: readonly Operation[] = [getRecordings, getRecording];
