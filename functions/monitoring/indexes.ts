/** By what the queries of this capability find documents. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const monitoringIndexes: readonly IndexDeclaration[] = [
  listIndex('control', 'state', 'kind', 'initiator/id'),
];
