/** Paths that the queries of this capability filter or sort by. */
import { filterIndex, type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const recordingIndexes: readonly IndexDeclaration[] = [
  listIndex(
    'recordings',
    'state',
    'siteId',
    'serverId',
    'userKey',
    'accountKey',
    'startedAt',
    'endedAt',
    'restrictedAt',
    'heldAt',
  ),
  // Runs of storage maintenance that have not ended.
  listIndex('control', 'kind', 'state'),
  // Recordings of a session.
  listIndex('recordings', 'sessionId'),
  // The sweep of uploads.
  filterIndex('recordings', 'dueAt'),
];
