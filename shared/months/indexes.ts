/** Paths that the sweep of months filters or sorts by. */
import { filterIndex, type IndexDeclaration } from '../cosmos/containers';

export const monthIndexes: readonly IndexDeclaration[] = [filterIndex('control', 'dueAt')];
