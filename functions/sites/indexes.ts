/** Paths that the queries of this capability filter or sort by. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const siteIndexes: readonly IndexDeclaration[] = [
  listIndex('control'),
  // Playback permissions of an administrator, and of a site.
  listIndex('control', 'administratorId', 'siteId'),
];
