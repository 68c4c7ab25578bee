/** Installs the server component on a machine of a deployment: started once under its id, then followed (ARM-4). */
import { auditTrail } from '../../../shared/audit/audit-entry';
import type { Stored } from '../../../shared/cosmos/document-type';
import { derivedId, newId } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import type { Task } from '../../../shared/tasks/task';
import type { Log } from '../../../shared/telemetry/telemetry';
import type { Server } from '../server';
import { nextStatus } from '../server-transitions';
import { installationRequest, type InstallationRequest } from './answers';
import { findInstallation, type Installing, startInstallation } from './start-installation';

interface DeployedInstallation {
  customerId: string;
  siteId: string;
  server: Stored<Server>;
  /** Of the installation and its task: the same in every call. */
  installationId: string;
  by: Pick<Task, 'initiator' | 'request'>;
  serverVersion: string;
  databases: InstallationRequest['databases'];
}

export interface InstallationProgress {
  /** `done`: the machine has the server component. */
  state: 'running' | 'done' | 'failed';
  /** Why it failed. */
  reason?: string | undefined;
}

/** Starts the installation unless it was started, and says how far it is. A machine that has not registered is waited for. */
export async function installDeployed(
  services: Installing,
  log: Log,
  installation: DeployedInstallation,
): Promise<InstallationProgress> {
  const { customerId, server, installationId } = installation;
  const last = await findInstallation(services, customerId, server.id);
  if (last?.taskId === installationId && last.state === 'failed')
    return { state: 'failed', reason: last.reason };
  if (server.serverVersion !== undefined && server.status !== 'installationInProgress')
    return { state: 'done' };
  const isStarted = last?.taskId === installationId;
  if (isStarted || server.clientVersion === undefined) return { state: 'running' };
  if (nextStatus(server.status, 'installationStarted') === undefined) return { state: 'running' };
  try {
    await start(services, log, installation);
    return { state: 'running' };
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return { state: 'failed', reason: error.detail };
  }
}

async function start(services: Installing, log: Log, installation: DeployedInstallation): Promise<void> {
  const { customerId, siteId, server, installationId, by, serverVersion, databases } = installation;
  const request = installationRequest.parse({ siteId, serverVersion, databases });
  const audit = auditTrail(services.database, customerId, {
    // The same for a start that is repeated after a crash.
    id: derivedId('deployed-installation', installationId),
    at: services.clock.now().toISOString(),
    category: 'configuration',
    action: 'server.install',
    by: by.initiator,
    address: by.request.clientAddress,
    authorised: true,
    outcome: 'succeeded',
    traceId: by.request.traceId,
  });
  const common = { customerId, server, taskId: installationId, by, newId };
  await startInstallation(services, log, { ...common, request, audit });
}
