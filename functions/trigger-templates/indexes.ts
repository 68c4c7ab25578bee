/** By what the queries of this capability find documents. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

const SEARCHED = ['searchText', 'themeKey', 'contributorKey', 'categories/[]'];

export const triggerTemplateIndexes: readonly IndexDeclaration[] = [
  listIndex('control', ...SEARCHED),
  listIndex('community', ...SEARCHED, 'ownerKey'),
  // Bookmarks.
  listIndex('people'),
];
