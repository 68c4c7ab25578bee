/** By what the sweep of tasks finds documents. */
import { filterIndex, type IndexDeclaration } from '../cosmos/containers';

export const taskIndexes: readonly IndexDeclaration[] = [filterIndex('control', 'dueAt')];
