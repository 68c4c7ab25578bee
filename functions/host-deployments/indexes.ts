/** Paths that the queries of this capability filter or sort by. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const hostDeploymentIndexes: readonly IndexDeclaration[] = [
  listIndex('control', 'siteId'),
  listIndex('control', 'hostConnectionId', 'state'),
];
