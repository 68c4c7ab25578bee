/** Paths that the queries of this capability filter or sort by. */
import { filterIndex, type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const identityIndexes: readonly IndexDeclaration[] = [
  listIndex('control'),
  // Secure clients from before the expiry of secrets was monitored.
  filterIndex('control', 'schemaVersion'),
];
