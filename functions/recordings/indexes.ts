/** By what the queries of this capability find documents. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const recordingIndexes: readonly IndexDeclaration[] = [
  listIndex(
    'recordings',
    'state',
    'siteId',
    'serverId',
    'userKey',
    'accountKey',
    'startedAt',
    'restrictedAt',
  ),
  // Recordings of a session.
  listIndex('recordings', 'sessionId'),
];
