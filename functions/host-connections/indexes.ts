/** Paths that the queries of this capability filter or sort by. */
import { type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const hostConnectionIndexes: readonly IndexDeclaration[] = [listIndex('control')];
