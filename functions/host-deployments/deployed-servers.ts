/** What a deployment asks of the servers that its machines become. */
import type { Services } from '../../shared/services';
import { taskType } from '../../shared/tasks/task';
import type { Log } from '../../shared/telemetry/telemetry';
import { installDeployed, listDeployedMachines } from '../servers';
import type { Deployment } from './deployment';
import { readSecrets } from './deployment-secrets';
import type { ActionContext } from './perform-action';

type Ports = Pick<ActionContext, 'servers' | 'installServer'>;

/** The servers of a deployment's machines, by the names of the machines. */
export function deployedServers(
  services: Services,
  log: Log,
  customerId: string,
  deployment: Deployment,
): Ports {
  const { siteId, machines } = deployment;
  const list = async () => {
    const names = new Map(machines.map(({ name }) => [name.toLowerCase(), name]));
    const found = await listDeployedMachines(services, { customerId, siteId });
    return found.flatMap((server) => {
      const name = names.get(server.plannedName ?? '');
      return name === undefined ? [] : [{ name, server }];
    });
  };
  return {
    servers: async () =>
      (await list()).map(({ name, server: { status, machineId } }) => {
        const isRegistered = machineId !== undefined && status !== 'deleted' && status !== 'uninstalled';
        return { name, status, isRegistered };
      }),
    async installServer(machine, installationId) {
      const server = (await list()).find(({ name }) => name === machine)?.server;
      if (!server) return { state: 'running' };
      const by = await initiatorOf(services, customerId, deployment);
      const databases = await databasesOf(services, customerId, deployment);
      const serverVersion = deployment.plan.serverVersion ?? '';
      const common = { customerId, siteId, server, installationId, by };
      return installDeployed(services, log, { ...common, serverVersion, databases });
    },
  };
}

async function initiatorOf({ database }: Services, customerId: string, { taskId, initiator }: Deployment) {
  const task = await database.control(customerId).read(taskType, taskId);
  return { initiator, request: task?.request ?? { traceId: taskId, clientAddress: '' } };
}

/** Those that the template made, with the account of the plan. */
async function databasesOf(services: Services, customerId: string, deployment: Deployment) {
  const { id: deploymentId, outputs = {}, plan } = deployment;
  const { sqlAdminPassword } = await readSecrets(services, { customerId, deploymentId }, plan);
  const server = outputs['databaseServer'] as { host: string; databases: string[] } | undefined;
  const [recordingDatabase = '', loggingDatabase = ''] = server?.databases ?? [];
  return {
    type: 'azureSqlDatabase' as const,
    instance: server?.host ?? '',
    recordingDatabase,
    loggingDatabase,
    userName: plan.databases.administrator.userName,
    password: sqlAdminPassword,
  };
}
