/** Retries or cancels a deployment: both delete what it made (HST-3). Of two requests at the same moment one wins. */
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import { secretParameters } from '../../arm-templates/template/parameters';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import { createTask } from '../../shared/tasks/create-task';
import { findSite } from '../sites';
import { withDeadlines } from './apply-observation';
import type { Deployment } from './deployment';
import { readSecrets, secretsOf } from './deployment-secrets';
import { isDeleting } from './deployment-states';
import { withEvent } from './enter-state';
import { type DeploymentRequest, plannedSite, preparedSecrets, siteWrites, taskOf } from './start-deployment';
import { findDeployment, hostDeploymentType } from './store';

export type Decision = DeploymentRequest & { deploymentId: string };

/**
 * Deletes what a failed deployment made, then starts afresh: with the same plan while its secrets are kept, or with another.
 * @throws Problem `conflict` unless it has failed, or when its secrets are not kept any more
 */
export async function retryDeployment(decision: Decision, plan?: SitePlan): Promise<Stored<Deployment>> {
  return decide(decision, async (deployment, now) => {
    if (deployment.state !== 'failed') throw refused(deployment, 'retried', 'has failed');
    const { services, customerId, siteId, deploymentId } = decision;
    const site = await findSite(services, customerId, siteId);
    if (!site) throw notFound('site');
    const secrets = plan
      ? secretsOf(plan)
      : await readSecrets(services, { customerId, deploymentId }, deployment.plan);
    if (!plan) requireSecrets(deployment, secrets);
    const planned = plan ? await plannedSite(decision, plan) : plannedOf(deployment);
    const { enrolmentToken: _used, ...kept } = { enrolmentToken: undefined, ...secrets };
    const { suffix: _suffix, ...nextPlan } = planned;
    const next = { ...withEvent(deployment, 'retryRequested', now), nextPlan };
    return {
      title: `Deploy ${site.name} again`,
      next,
      writes: [
        ...siteWrites(site, next, planned, now),
        ...(await preparedSecrets(decision, site, deploymentId, planned, kept)),
      ],
    };
  });
}

function plannedOf({ plan, planFingerprint, suffix, machines }: Deployment) {
  return { plan, planFingerprint, suffix, machineNames: machines.map(({ name }) => name) };
}

function requireSecrets({ plan }: Deployment, secrets: Record<string, string>): void {
  const missing = secretParameters(plan).filter(
    (parameter) => parameter !== 'enrolmentToken' && !(parameter in secrets),
  );
  if (missing.length > 0)
    throw new Problem(
      'conflict',
      'The passwords of the plan are not kept any more: give the plan with them again.',
    );
}

/**
 * Deletes what a deployment made that is in progress or has failed, and then the site.
 * @throws Problem `conflict` when it has succeeded, or was canceled before
 */
export async function cancelDeployment(decision: Decision): Promise<Stored<Deployment>> {
  return decide(decision, async (deployment, now) => {
    if (deployment.cancelRequest)
      throw new Problem('conflict', `${deployment.cancelRequest.by} has canceled it already.`);
    if (deployment.state === 'available' || deployment.state === 'canceled')
      throw refused(deployment, 'canceled', 'is in progress or has failed');
    const cancelRequest = { at: now.toISOString(), by: decision.by.initiator.name };
    return {
      title: 'Cancel a deployment',
      next: withDeadlines({ ...deployment, cancelRequest }, now),
      writes: [],
    };
  });
}

function refused({ state }: Deployment, what: string, when: string): Problem {
  const now = isDeleting(state) ? 'What it made is being deleted.' : `It is in the state ${state}.`;
  return new Problem('conflict', `A deployment can be ${what} when it ${when}. ${now}`, {
    extensions: { state },
  });
}

type Decided = { title: string; next: Stored<Deployment>; writes: Change[] };

/** A failed one has no orchestration any more: another task follows what becomes of it. */
async function decide(
  decision: Decision,
  decideFor: (deployment: Stored<Deployment>, now: Date) => Promise<Decided>,
): Promise<Stored<Deployment>> {
  const { services, log, audit, customerId, siteId, deploymentId, taskId } = decision;
  await retryConflicts(async () => {
    const known = await findDeployment(services, customerId, siteId, deploymentId);
    if (!known) throw notFound('deployment');
    // A repeated request has decided before.
    if (known.taskId === taskId) return audit.commit([], {});
    const { title, next, writes } = await decideFor(known, services.clock.now());
    const details = {
      siteId,
      target: { type: 'deployment', id: deploymentId, name: known.group.name },
      old: { state: known.state },
      new: { state: next.state },
    };
    const isFollowed = known.state !== 'failed';
    const body = isFollowed ? next : { ...next, taskId };
    const commit = (changes: Change[]) =>
      audit.commit([...changes, change.replace(hostDeploymentType, body, known.etag), ...writes], details);
    if (isFollowed) return commit([]);
    await createTask(services, log, taskOf(decision, deploymentId, title), commit);
  });
  const stored = await findDeployment(services, customerId, siteId, deploymentId);
  if (!stored) throw notFound('deployment');
  return stored;
}
