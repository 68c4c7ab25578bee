/** By what the queries of this capability find documents. */
import { filterIndex, type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const identityIndexes: readonly IndexDeclaration[] = [
  listIndex('control'),
  // Secure clients of before their secrets' expiry was watched.
  filterIndex('control', 'schemaVersion'),
];
