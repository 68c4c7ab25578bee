/** The kind of task that follows a deployment through a host connection. Its one item is the deployment. */
import type { TaskKind } from '../../shared/tasks/task-kind';
import { RUN_DEPLOYMENT } from './run-deployment';

export const deploymentTask: TaskKind = {
  name: 'hostDeployment',
  // The deployment itself is canceled, which deletes what it made.
  isCancelable: false,
  orchestrator: RUN_DEPLOYMENT,
  work: async () => undefined,
};
