/** Paths that the queries of this capability filter or sort by. */
import { filterIndex, type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const sessionIndexes: readonly IndexDeclaration[] = [
  // Live sessions of a site.
  listIndex('recordings', 'siteId', 'state'),
  // The sweep of sessions whose recordings do not have the current restriction yet.
  filterIndex('recordings', 'dueAt'),
  // Event batches of a session in order of time, also of a part of it.
  filterIndex('session-data', 'at', 'until'),
  // Those that are not in the archive, and those that can expire.
  filterIndex('session-data', 'archivedIn', 'isExpiring'),
  // The sweep of sessions to be compacted.
  filterIndex('recordings', 'compactAt'),
  // The sweep of sessions with late events.
  filterIndex('recordings', 'lateEvents/at'),
];
