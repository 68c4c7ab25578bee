/** By what the sweep of schedules finds documents. */
import { filterIndex, type IndexDeclaration } from '../cosmos/containers';

export const scheduleIndexes: readonly IndexDeclaration[] = [filterIndex('control', 'dueAt')];
