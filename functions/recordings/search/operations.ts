/** HTTP operations with which administrators search recordings. */
import { z } from 'zod';
import { operation } from '../../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../../shared/http/paging';
import { loadVisibleRecording } from '../access/visible-recording';
import { RECORDINGS_PATH as path } from '../paths';
import { recordingView, viewOfRecording } from '../recording';
import { listRecordingsOfSession } from './recordings-of-session';
import { recordingPage, searchPage } from './search-page';
import { recordingQuery, restrictedQuery } from './search-query';
import { DEFAULT_STATES, LISTED_STATES } from './states';

const tag = 'Recordings';

const success = { status: 200, description: 'A page of recordings', body: recordingPage };

export const searchRecordingsOperation = operation({
  id: 'listRecordings',
  method: 'GET',
  path,
  tag,
  summary: 'Search recordings',
  description:
    'All filters that are given must hold. By start, newest first, unless asked for otherwise. Paging is stable while ' +
    'recordings are added. Read-only administrators see what their playback permissions include. Recordings with ' +
    'restricted access are in a separate list. Of the words of the events of a recording the first 256 are found.',
  access: 'recordings.search',
  query: recordingQuery,
  success,
  async handle({ query, caller, services }) {
    const list = { restricted: false, defaultStates: DEFAULT_STATES };
    return { body: await searchPage({ services, caller, path, query, ...list }) };
  },
});

export const searchRestrictedOperation = operation({
  // The Functions host tries routes in the order of function names: this must come before getRecording.
  id: 'findRestrictedRecordings',
  method: 'GET',
  path: `${path}/restricted`,
  tag,
  summary: 'Search recordings with restricted access',
  description: 'Same filters and order as the list of unrestricted recordings.',
  access: 'restrictions.manage',
  query: restrictedQuery,
  success,
  async handle({ query, caller, services }) {
    const list = { restricted: true, defaultStates: LISTED_STATES };
    return { body: await searchPage({ services, caller, path: `${path}/restricted`, query, ...list }) };
  },
});

export const followUpOperation = operation({
  id: 'listRecordingsOfSession',
  method: 'GET',
  path: `${path}/{recordingId}/session`,
  tag,
  summary: 'List all recordings of the session of a recording',
  description: 'In their order, with the recording itself. Those that the caller may see.',
  access: 'recordings.search',
  query: z.strictObject(pageQuery),
  success: { status: 200, description: 'A page of recordings', body: pageOf(recordingView) },
  load: loadVisibleRecording,
  async handle({ resource, query, caller, services }) {
    const body = await readPage({
      services,
      caller,
      path: `${path}/${resource.id}/session`,
      query,
      read: (limit, after) => listRecordingsOfSession(services, caller, resource, { limit, after }),
      keyOf: (recording) => recording.id,
      toItem: viewOfRecording,
    });
    return { body };
  },
});
