/** The tasks of an installation: the installation itself, the checks of the machine, and the test of the connection. */
import { Problem } from '../../../shared/problem';
import { removeTemporarySecret } from '../../../shared/secrets/temporary-secret';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { summaryOf } from '../troubleshooting/diagnose';
import { serverTaskKind } from '../troubleshooting/server-task';
import { installationType } from './installation';

/** Asked only when the report of the end was lost. */
export const installationTask: TaskKind = {
  name: 'installServer',
  isCancelable: false,
  async work({ database }, { customerId, task }, serverId) {
    const last = await database.control(customerId).read(installationType, serverId);
    if (last?.taskId === task.id && last.state === 'succeeded') return undefined;
    throw new Problem('conflict', last?.reason ?? 'It is not known what became of the installation.');
  },
};

export const checkInstallationTask = serverTaskKind({
  name: 'checkInstallation',
  command: 'prerequisiteCheck',
  onSuccess: async (_context, { checks }) => summaryOf(checks),
});

export const testConnectionTask = serverTaskKind({
  name: 'testConnection',
  command: 'testConnection',
  onSuccess: async ({ services, customerId, task }, { sqlServerVersion, existingDatabases }) => {
    await removeTemporarySecret(services, customerId, connectionTestSecret(task.id));
    const existing = existingDatabases.length === 0 ? 'none' : existingDatabases.join(', ');
    return `Connected to SQL Server ${sqlServerVersion}. Databases that exist already: ${existing}.`;
  },
  onFailure: ({ services, customerId, task }) =>
    removeTemporarySecret(services, customerId, connectionTestSecret(task.id)),
});

/** Name of the password while a connection is tested. */
export function connectionTestSecret(taskId: string): string {
  return `connection-test-${taskId}`;
}
