/** Every kind of task that waits for a server. */
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { diagnoseTask } from './diagnose';
import { uploadLogTask } from './log-upload';
import { readRegistryTask, writeRegistryTask } from './registry-of-server';
import { checkServicesTask, restartServiceTask } from './services-of-server';

export const serverTaskKinds: readonly TaskKind[] = [
  diagnoseTask,
  checkServicesTask,
  restartServiceTask,
  readRegistryTask,
  writeRegistryTask,
  uploadLogTask,
];
