/** Paths that the sweep of tasks filters or sorts by. */
import { filterIndex, type IndexDeclaration } from '../cosmos/containers';

export const taskIndexes: readonly IndexDeclaration[] = [filterIndex('control', 'dueAt')];
