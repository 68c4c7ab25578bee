/** By what the queries of this capability find documents. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const siteIndexes: readonly IndexDeclaration[] = [listIndex('control')];
