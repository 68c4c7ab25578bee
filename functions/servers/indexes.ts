/** By what the queries of this capability find documents. */
import { filterIndex, type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const serverIndexes: readonly IndexDeclaration[] = [
  listIndex('control', 'siteId', 'status'),
  // Commands that wait.
  listIndex('presence', 'status', 'expiresAt', 'leasedUntil'),
  // Sweeps of silent servers and of commands.
  filterIndex('presence', 'dueAt'),
];
