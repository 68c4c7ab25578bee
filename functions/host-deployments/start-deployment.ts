/** Starts a deployment: secrets, document, site, enrolment token and task belong together (HST-2). */
import { type SitePlan, withoutSecrets } from '../../arm-templates/plan/site-plan';
import type { ParameterName } from '../../arm-templates/template/parameters';
import { makeTemplate } from '../../arm-templates/template/template';
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { createTask } from '../../shared/tasks/create-task';
import type { Task } from '../../shared/tasks/task';
import type { Log } from '../../shared/telemetry/telemetry';
import { createEnrolment, siteTemplateType, templateContext } from '../deployment';
import { findHostConnection, usesConnection } from '../host-connections';
import { hasTemplateMachines, planMachines } from '../servers';
import { deploymentChange, findSite, type Site } from '../sites';
import { type Deployment, newDeployment, type PlannedSite } from './deployment';
import { keepSecrets, secretsOf } from './deployment-secrets';
import { hasEnded } from './deployment-states';
import { deploymentTask } from './deployment-task';
import { findDeployment, hostDeploymentType } from './store';

export interface DeploymentRequest {
  services: Services;
  log: Log;
  audit: AuditTrail;
  customerId: string;
  siteId: string;
  taskId: string;
  by: Pick<Task, 'initiator' | 'request'>;
}

type Start = DeploymentRequest & {
  deploymentId: string;
  hostConnectionId: string;
  resourceGroup: string;
  plan: SitePlan;
};

/**
 * Starts the deployment of a site, unless a repeated request has started it. Of two that start at the same moment one wins.
 * @throws Problem `conflict` when the site is being deployed or is deployed, `not-found` when it does not exist,
 *   `validation-failed` when there is no such host connection
 */
export async function startDeployment(start: Start): Promise<Stored<Deployment>> {
  const { services, customerId, siteId, deploymentId } = start;
  const planned = await plannedSite(start, start.plan);
  await retryConflicts(async () => {
    const site = await findSite(services, customerId, siteId);
    if (!site) throw notFound('site');
    if (site.deployment?.deploymentId === deploymentId) return start.audit.commit([], {});
    await requireFreeSite(start, site);
    await requireConnection(start);
    await commitStart(start, site, planned);
  });
  await planMachines(services, { customerId, siteId, names: planned.machineNames });
  const stored = await findDeployment(services, customerId, siteId, deploymentId);
  if (!stored) throw notFound('deployment');
  return stored;
}

async function requireFreeSite({ services, customerId, siteId }: Start, site: Site): Promise<void> {
  const { deploymentId } = site.deployment ?? {};
  const last =
    deploymentId === undefined ? undefined : await findDeployment(services, customerId, siteId, deploymentId);
  if (last && last.state !== 'canceled') throw siteIsTaken(last);
  if (await hasTemplateMachines(services, { customerId, siteId }))
    throw new Problem(
      'conflict',
      'Machines of the template of the site run already: a site is deployed once.',
    );
}

async function requireConnection({ services, customerId, hostConnectionId }: Start): Promise<void> {
  if (await findHostConnection(services, customerId, hostConnectionId)) return;
  const detail = 'There is no such host connection: list the connections to see which exist.';
  throw new Problem('validation-failed', detail, {
    errors: [{ pointer: '/hostConnectionId', detail }],
  });
}

/** Why another deployment of the site is refused. */
function siteIsTaken({ id, initiator, state }: Deployment): Problem {
  const what =
    state === 'available'
      ? `The site was deployed by ${initiator.name}.`
      : state === 'failed'
        ? `The deployment that ${initiator.name} started has failed: retry or cancel it.`
        : `${initiator.name} is deploying the site: wait until that has ended, or cancel it.`;
  return new Problem('conflict', what, { extensions: { deploymentId: id, state } });
}

/** The plan as it is stored, with what follows from it. */
export async function plannedSite(
  { services, customerId, siteId }: Pick<DeploymentRequest, 'services' | 'customerId' | 'siteId'>,
  given: SitePlan,
): Promise<PlannedSite & { suffix: string }> {
  const plan = withoutSecrets(given);
  const earlier = await services.database.control(customerId).read(siteTemplateType, siteId);
  const context = templateContext(services, { customerId, siteId }, plan, earlier?.suffix);
  const { suffix, planFingerprint } = context;
  return { plan, planFingerprint, suffix, machineNames: makeTemplate(plan, context).names.machines };
}

async function commitStart(start: Start, site: Stored<Site>, planned: PlannedSite & { suffix: string }) {
  const { services, log, siteId, deploymentId, hostConnectionId, resourceGroup, audit } = start;
  const now = services.clock.now();
  const { machineNames, ...rest } = planned;
  const { initiator } = start.by;
  const ids = { id: deploymentId, siteId, hostConnectionId, taskId: start.taskId, initiator };
  const document = newDeployment({ ...ids, ...rest, groupName: resourceGroup, machineNames }, now);
  const writes = [
    change.create(hostDeploymentType, document),
    usesConnection(hostConnectionId, now),
    ...siteWrites(site, document, planned, now),
    ...(await preparedSecrets(start, site, deploymentId, planned, secretsOf(start.plan))),
  ];
  await createTask(services, log, taskOf(start, deploymentId, `Deploy ${site.name}`), (changes) =>
    audit.commit([...changes, ...writes], {
      siteId,
      target: { type: 'site', id: siteId, name: site.name },
      new: { deploymentId, hostConnectionId, resourceGroup, planFingerprint: planned.planFingerprint },
    }),
  );
}

/** The writes that make the deployment the one of its site. */
export function siteWrites(
  site: Stored<Site>,
  { id, state, createdAt }: Deployment,
  { plan, planFingerprint, suffix, machineNames }: PlannedSite & { suffix: string },
  now: Date,
): Change[] {
  const machines = machineNames.map((name) => ({ name }));
  const shown = { method: 'hostConnection', status: siteStatusOf(state), deploymentId: id } as const;
  const { region } = plan;
  return [
    deploymentChange(site, { ...shown, createdAt, region, planFingerprint, machines }),
    change.upsert(siteTemplateType, {
      id: site.id,
      plan,
      suffix,
      planFingerprint,
      createdAt: now.toISOString(),
    }),
  ];
}

/** What a site shows of its deployment. */
export function siteStatusOf(state: Deployment['state']) {
  if (state === 'available') return 'deployed' as const;
  return hasEnded(state) ? ('failed' as const) : ('deploying' as const);
}

/** Stores the secrets, before what needs them; returns the writes of the enrolment token that is among them. */
export async function preparedSecrets(
  request: DeploymentRequest,
  site: Site,
  deploymentId: string,
  { plan, machineNames }: PlannedSite,
  secrets: Partial<Record<ParameterName, string>>,
): Promise<Change[]> {
  const { services, customerId, by } = request;
  const ref = { customerId, deploymentId };
  if (plan.secureClient.kind === 'existing') {
    await keepSecrets(services, ref, secrets);
    return [];
  }
  const writes: Change[] = [];
  const audit = { commit: async (changes: Change[]) => void writes.push(...changes) };
  const createdBy = by.initiator.name;
  const { token } = await createEnrolment({
    services,
    customerId,
    site,
    machines: [...machineNames],
    createdBy,
    audit,
  });
  await keepSecrets(services, ref, { ...secrets, enrolmentToken: token });
  return writes;
}

/** The task that follows a deployment. */
export function taskOf({ customerId, taskId, by }: DeploymentRequest, deploymentId: string, title: string) {
  return {
    id: taskId,
    customerId,
    kind: deploymentTask,
    title,
    ...by,
    parameters: { deploymentId },
    items: [deploymentId],
  };
}
