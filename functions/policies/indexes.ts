/** By what the queries of this capability find documents. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const policyIndexes: readonly IndexDeclaration[] = [
  listIndex('control', 'siteId', 'kind'),
  // The history of a policy.
  listIndex('control', 'policyId'),
];
