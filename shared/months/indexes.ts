/** By what the sweep of months finds documents. */
import { filterIndex, type IndexDeclaration } from '../cosmos/containers';

export const monthIndexes: readonly IndexDeclaration[] = [filterIndex('control', 'dueAt')];
