/** The activity of a deployment's orchestration: one action further, and what follows from its end. It may run more than once. */
import { derivedId } from '../../shared/ids';
import { auditTrail } from '../../shared/audit/audit-entry';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Stored } from '../../shared/cosmos/document-type';
import type { Activity } from '../../shared/functions/trigger';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { begin, end, hasEnded as hasTaskEnded, recordProgress, type Task } from '../../shared/tasks/task';
import { type TaskRef, taskRef } from '../../shared/tasks/task-pages';
import { changeTask } from '../../shared/tasks/task-steps';
import type { Log } from '../../shared/telemetry/telemetry';
import { templateContext } from '../deployment';
import { planMachines } from '../servers';
import { deleteSite, deploymentChange, findSite } from '../sites';
import { advance } from './advance-deployment';
import type { AzureAccess } from './azure-access';
import { AzureError } from '../../shared/azure/azure-error';
import type { OpenConnection } from './connection';
import { deployedServers } from './deployed-servers';
import type { Deployment } from './deployment';
import { readSecrets, removeSecrets } from './deployment-secrets';
import type { Pause } from './pause';
import { ADVANCE_DEPLOYMENT } from './run-deployment';
import { releaseDeletedMachines } from './release-deleted-machines';
import { siteStatusOf } from './start-deployment';
import { changeDeployment, hostDeploymentType } from './store';

interface StepContext {
  services: Services;
  log: Log;
  customerId: string;
  /** The capabilities that depend on sites: asked before the site of a canceled deployment is deleted. */
  dependents: readonly SiteDependent[];
  open: OpenConnection;
}

/** The activity, over these connections and dependents. */
export function deploymentStep(
  open: OpenConnection,
  dependents: readonly SiteDependent[],
): Activity<TaskRef> {
  return {
    name: ADVANCE_DEPLOYMENT,
    input: taskRef,
    handler: (services, ref, log) =>
      advanceTask({ services, log, customerId: ref.customerId, dependents, open }, ref),
  };
}

async function advanceTask(context: StepContext, ref: TaskRef): Promise<Pause> {
  const { services, customerId } = context;
  const task = await changeTask(services, ref, begin);
  if (!task || hasTaskEnded(task)) return 'end';
  const deploymentId = task.parameters?.['deploymentId'] ?? '';
  const deployment = await services.database.control(customerId).read(hostDeploymentType, deploymentId);
  if (deployment?.taskId !== ref.taskId) {
    await endTask(services, ref, 'Another task follows the deployment.');
    return 'end';
  }
  if (deployment.state === 'testingConnection') await planAgain(context, task, deployment);
  const pause = await advanceOne(context, deployment);
  const after = await services.database.control(customerId).read(hostDeploymentType, deploymentId);
  if (after && after.etag !== deployment.etag)
    await changeTask(services, ref, (known, now) => recordProgress(known, known.counts, now));
  if (pause === 'end' && after) await finish(context, ref, task, after);
  return pause;
}

/** The machines of an attempt are new ones under the names of those that were deleted. */
async function planAgain(
  { services, log, customerId }: StepContext,
  task: Task,
  deployment: Deployment,
): Promise<void> {
  if (deployment.attempt === 1) return;
  const { siteId, machines } = deployment;
  const names = machines.map(({ name }) => name);
  await releaseDeletedMachines(services, log, customerId, task, deployment);
  await planMachines(services, { customerId, siteId, names });
}

async function advanceOne({ services, log, customerId, open }: StepContext, deployment: Deployment) {
  const { id: deploymentId, siteId, plan, suffix } = deployment;
  return advance({
    openAzure: () => azureOf(services, customerId, deployment, open),
    source: templateContext(services, { customerId, siteId }, plan, suffix),
    secrets: () => readSecrets(services, { customerId, deploymentId }, plan),
    ...deployedServers(services, log, customerId, deployment),
    now: () => services.clock.now(),
    store: { change: (next) => changeDeployment(services, customerId, deploymentId, next) },
  });
}

/** @throws AzureError when there is no such host connection, or it is not the one of the plan's network */
async function azureOf(
  services: Services,
  customerId: string,
  { hostConnectionId, plan }: Deployment,
  open: OpenConnection,
): Promise<AzureAccess> {
  const opened = await open(services, { customerId, hostConnectionId });
  if (!opened) throw refused('HostConnectionNotFound', 'The host connection does not exist any more.');
  const { subnetId } = plan.network;
  if (!subnetId.toLowerCase().startsWith(`/subscriptions/${opened.subscriptionId.toLowerCase()}/`))
    throw refused(
      'OtherSubscription',
      'The subnet of the plan is not in the subscription of the connection.',
    );
  return opened.azure;
}

const refused = (code: string, message: string) => new AzureError({ code, message }, 404);

/** What follows from the end: secrets and machines that are not needed, the site, the task. Idempotent. */
async function finish(context: StepContext, ref: TaskRef, task: Task, deployment: Stored<Deployment>) {
  const { services, log, customerId } = context;
  const { id: deploymentId, plan, state, error, leftovers } = deployment;
  if (state === 'canceled') {
    await releaseDeletedMachines(services, log, customerId, task, deployment);
    const why = await removeSite(context, task, deployment);
    await removeSecrets(services, { customerId, deploymentId }, plan);
    const left = leftovers.length > 0 ? ` ${leftovers.length} of its resources are left.` : '';
    await endTask(services, ref, why === undefined ? undefined : `${why}${left}`);
    return;
  }
  await showInSite(services, customerId, deployment);
  if (state === 'available') await removeSecrets(services, { customerId, deploymentId }, plan);
  await endTask(services, ref, state === 'failed' ? `${error?.code}: ${error?.message}` : undefined);
}

async function showInSite(services: Services, customerId: string, { id, siteId, state }: Deployment) {
  await retryConflicts(async () => {
    const site = await findSite(services, customerId, siteId);
    if (site?.deployment?.deploymentId !== id) return;
    const status = siteStatusOf(state);
    if (site.deployment.status === status) return;
    await services.database
      .control(customerId)
      .commit([deploymentChange(site, { ...site.deployment, status })]);
  });
}

/** Deletes the site of the canceled deployment. @returns why it stays, if it does */
async function removeSite(
  { services, log, customerId, dependents }: StepContext,
  { initiator, request }: Task,
  { id, siteId }: Deployment,
): Promise<string | undefined> {
  return retryConflicts(async () => {
    const site = await findSite(services, customerId, siteId);
    if (site?.deployment?.deploymentId !== id) return undefined;
    const audit = auditTrail(services.database, customerId, {
      id: derivedId('canceled-deployment', id),
      at: services.clock.now().toISOString(),
      category: 'configuration',
      action: 'site.delete',
      by: initiator,
      address: request.clientAddress,
      authorised: true,
      outcome: 'succeeded',
      traceId: request.traceId,
    });
    try {
      await deleteSite({ services, customerId, site, dependents, audit, log });
      return undefined;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await services.database.control(customerId).commit([deploymentChange(site, undefined)]);
      return error.detail;
    }
  });
}

async function endTask(services: Services, ref: TaskRef, error: string | undefined): Promise<void> {
  const counts = error === undefined ? { succeeded: 1, failed: 0 } : { succeeded: 0, failed: 1 };
  await changeTask(services, ref, (task, now) => end(task, { counts, error }, now));
}
