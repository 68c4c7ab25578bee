/** HTTP operations with which administrators find recordings. */
import { z } from 'zod';
import { resourceId, withTimeRange } from '../../shared/http/fields';
import { type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import type { Services } from '../../shared/services';
import { loadVisibleRecording } from './access/visible-recording';
import { listRecordings } from './list-recordings';
import { maintenanceOperations } from './maintenance/operations';
import { RECORDING_STATES, type RecordingState, recordingView, viewOfRecording } from './recording';
import { holdOperations } from './hold/operations';
import { moveOperations } from './moves/operations';
import { restrictionOperations } from './restrictions/operations';

const tag = 'Recordings';
const path = '/api/v1/recordings';

/** States of the filter, and the stored states that each covers. */
const STATES = {
  live: ['uploading'],
  complete: ['verifying', 'complete', 'archiving'],
  archived: ['archived'],
  damaged: ['damaged', 'verificationFailed', 'abandoned'],
} as const satisfies Record<string, readonly RecordingState[]>;

const DEFAULT_STATES = [...STATES.live, ...STATES.complete];

const filters = {
  siteId: resourceId.optional().describe('Recordings of this site'),
  serverId: resourceId.optional().describe('Recordings of this server'),
  userName: z
    .string()
    .trim()
    .min(1)
    .max(256)
    .optional()
    .describe("Prefix of the user's name, with or without its domain; case-insensitive"),
  state: z
    .enum(['live', 'complete', 'archived', 'damaged'])
    .optional()
    .describe(
      '`live`: not uploaded in full (`uploading`); `complete`: uploaded in full, also while `verifying` or `archiving`; ' +
        '`archived`; `damaged`: also ' +
        '`verificationFailed` and `abandoned`. Default: live and complete ones',
    ),
};

const range = { from: 'Recordings that began then or later', to: 'Recordings that began before' };

const recordingQuery = withTimeRange({ ...pageQuery, ...filters }, range);
const restrictedQuery = withTimeRange(
  {
    ...pageQuery,
    ...filters,
    state: z.enum(['complete', 'archived', 'damaged']).optional().describe('Default: all'),
  },
  range,
);

interface ListRequest {
  services: Services;
  customerId: string;
  /** Whether the list contains restricted recordings or all others. */
  restricted: boolean;
  query: z.output<typeof recordingQuery>;
  defaultStates: readonly RecordingState[];
}

function pageOfRecordings(
  listPath: string,
  { services, customerId, restricted, query, defaultStates }: ListRequest,
) {
  const { siteId, serverId, userName, state, from, to } = query;
  const filter = {
    siteId,
    serverId,
    userName,
    states: state === undefined ? defaultStates : STATES[state],
    restricted,
    from,
    to,
  };
  return readPage({
    services,
    caller: { customerId },
    path: listPath,
    query,
    read: (limit, after) => listRecordings(services, customerId, filter, { limit, after }),
    keyOf: (recording) => recording.id,
    toItem: viewOfRecording,
  });
}

const getRecordings = operation({
  id: 'listRecordings',
  method: 'GET',
  path,
  tag,
  summary: 'List recordings',
  description:
    'By start of their session, then part, newest first. Paging is stable while recordings are added. Recordings ' +
    'with restricted access are in a separate list.',
  access: 'recordings.search',
  query: recordingQuery,
  success: { status: 200, description: 'A page of recordings', body: pageOf(recordingView) },
  async handle({ query, caller: { customerId }, services }) {
    const request = { services, customerId, restricted: false, query, defaultStates: DEFAULT_STATES };
    return { body: await pageOfRecordings(path, request) };
  },
});

const getRestrictedRecordings = operation({
  // The Functions host tries routes in the order of function names: this must come before getRecording.
  id: 'findRestrictedRecordings',
  method: 'GET',
  path: `${path}/restricted`,
  tag,
  summary: 'List recordings with restricted access',
  description: 'Same filters and order as the list of unrestricted recordings.',
  access: 'restrictions.manage',
  query: restrictedQuery,
  success: { status: 200, description: 'A page of recordings', body: pageOf(recordingView) },
  async handle({ query, caller: { customerId }, services }) {
    const request = { services, customerId, restricted: true, query, defaultStates: RECORDING_STATES };
    return { body: await pageOfRecordings(`${path}/restricted`, request) };
  },
});

const getRecording = operation({
  id: 'getRecording',
  method: 'GET',
  path: `${path}/{recordingId}`,
  tag,
  summary: 'Show a recording',
  description: 'Restricted recordings are visible to full administrators and privileged players only.',
  access: 'recordings.search',
  success: { status: 200, description: 'The recording', body: recordingView },
  load: loadVisibleRecording,
  handle: async ({ resource }) => ({ body: viewOfRecording(resource) }),
});

export const recordingOperations: readonly Operation[] = [
  getRecordings,
  getRecording,
  getRestrictedRecordings,
  ...restrictionOperations,
  ...maintenanceOperations,
  ...holdOperations,
  ...moveOperations,
];
