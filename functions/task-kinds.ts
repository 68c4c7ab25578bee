/** Every kind of task of the app: what runs, and what lists of tasks can be filtered by. */
import type { TaskKind } from '../shared/tasks/task-kind';
import { deploymentTask } from './host-deployments';
import {
  archiveTask,
  deleteTask,
  holdTask,
  maintenanceTask,
  releaseTask,
  restrictTask,
  stageFileTask,
  unrestrictTask,
} from './recordings';
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
  holdTask,
  releaseTask,
  archiveTask,
  deleteTask,
  stageFileTask,
  ...serverTaskKinds,
  upgradeTask,
  installationTask,
  checkInstallationTask,
  testConnectionTask,
  deploymentTask,
];
