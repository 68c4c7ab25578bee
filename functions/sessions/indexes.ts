/** Paths that the queries of this capability filter or sort by. */
import { filterIndex, type IndexDeclaration } from '../../shared/cosmos/containers';

export const sessionIndexes: readonly IndexDeclaration[] = [
  // The sweep of sessions whose recordings do not have the current restriction yet.
  filterIndex('recordings', 'dueAt'),
];
