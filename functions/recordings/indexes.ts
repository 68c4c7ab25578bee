/** Paths that the queries of this capability filter or sort by. */
import { filterIndex, type IndexDeclaration, listIndex, orderedIndex } from '../../shared/cosmos/containers';

export const recordingIndexes: readonly IndexDeclaration[] = [
  // Searches, in either direction.
  orderedIndex(
    'recordings',
    ['startedAt'],
    'state',
    'restrictedAt',
    'siteId',
    'scopeKeys/[]',
    'serverId',
    'userKey',
    'accountKey',
    'endedAt',
    'heldAt',
    'upnKey',
    'machineKey',
    'clientKey',
    'addressKey',
    'applicationKey',
    'eventWords/[]',
    'eventTypes/[]',
    'durationBand',
    'container',
    'audio',
    'lossy',
  ),
  orderedIndex('recordings', ['durationSeconds']),
  orderedIndex('recordings', ['score']),
  // Recordings of a session, and of a site.
  listIndex('recordings', 'sessionId', 'restrictedAt', 'siteId', 'scopeKeys/[]'),
  // Comments of a recording, and those of an administrator with saved searches for commands.
  listIndex('session-data', 'recordingId'),
  listIndex('people'),
  // Runs of storage maintenance that have not ended.
  listIndex('control', 'kind', 'state'),
  // The sweep of uploads.
  filterIndex('recordings', 'dueAt'),
];
