/** Every kind of task of the app: what runs, and what lists of tasks can be filtered by. */
import type { TaskKind } from '../shared/tasks/task-kind';
import { maintenanceTask, restrictTask, unrestrictTask } from './recordings';
import {
  checkInstallationTask,
  installationTask,
  serverTaskKinds,
  testConnectionTask,
  upgradeTask,
} from './servers';

export const taskKinds: readonly TaskKind[] = [
  restrictTask,
  unrestrictTask,
  maintenanceTask,
  ...serverTaskKinds,
  upgradeTask,
  installationTask,
  checkInstallationTask,
  testConnectionTask,
];
