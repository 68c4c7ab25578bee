/** By what the queries of this capability find documents. */
import { type ContainerName, type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

const SEARCHED = ['searchText', 'themeKey', 'contributorKey', 'categories/[]'];

/** Templates by creation, newest first. */
function newestIndex(container: ContainerName): IndexDeclaration {
  return {
    container,
    paths: ['type', 'createdAt'],
    order: [
      ['type', 'descending'],
      ['createdAt', 'descending'],
      ['id', 'descending'],
    ],
  };
}

export const triggerTemplateIndexes: readonly IndexDeclaration[] = [
  listIndex('control', ...SEARCHED),
  newestIndex('control'),
  // Also the list of parts, and templates that were published before there were any.
  listIndex('community', ...SEARCHED, 'ownerKey'),
  newestIndex('community'),
  // Bookmarks.
  listIndex('people'),
];
