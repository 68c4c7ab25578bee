/** Paths that the queries of this capability filter or sort by. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const monitoringIndexes: readonly IndexDeclaration[] = [
  listIndex('control', 'state', 'kind', 'initiator/id'),
];
