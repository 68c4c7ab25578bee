/** By what the queries of this capability find documents. */
import { filterIndex, type IndexDeclaration } from '../../shared/cosmos/containers';

export const sessionIndexes: readonly IndexDeclaration[] = [
  // The sweep of sessions whose recordings do not carry the restriction yet.
  filterIndex('recordings', 'dueAt'),
];
