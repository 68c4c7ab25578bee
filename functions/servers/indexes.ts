/** Paths that the queries of this capability filter or sort by. */
import { filterIndex, type IndexDeclaration, listIndex } from '../../shared/cosmos/containers';

export const serverIndexes: readonly IndexDeclaration[] = [
  listIndex('control', 'siteId', 'status', 'plannedName', 'administratorLogging'),
  // Upgrades and installations that are due.
  filterIndex('control', 'dueAt'),
  // Pending commands; sweeps of silent servers and of commands.
  listIndex('presence', 'status', 'dueAt', 'leasedUntil'),
];
