/** By what the queries of this capability find documents. */
import { filterIndex, type IndexDeclaration } from '../../shared/cosmos/containers';

export const responseIndexes: readonly IndexDeclaration[] = [
  {
    container: 'responses',
    paths: ['type', 'sessionId', 'ruleId', 'searchedBy/[]', 'at'],
    order: [
      ['at', 'descending'],
      ['id', 'descending'],
    ],
  },
  // The sweep of actions that nobody works on.
  filterIndex('responses', 'dueAt'),
];
