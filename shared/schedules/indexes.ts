/** Paths that the sweep of schedules filters or sorts by. */
import { filterIndex, type IndexDeclaration } from '../cosmos/containers';

export const scheduleIndexes: readonly IndexDeclaration[] = [filterIndex('control', 'dueAt')];
