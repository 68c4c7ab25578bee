/** HTTP operations of deployments through a host connection (HST-2, HST-3). */
import { z } from 'zod';
import { sitePlan } from '../../arm-templates/plan/site-plan';
import { resourceId } from '../../shared/http/fields';
import { NOT_MODIFIED, type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import type { Administrator } from '../../shared/identity/caller';
import { taskReply } from '../../shared/tasks/create-task';
import { initiatorOf } from '../../shared/tasks/task';
import { checkPlan } from '../deployment';
import { findSite } from '../sites';
import { cancelDeployment, type Decision, retryDeployment } from './decide-failure';
import type { Deployment } from './deployment';
import { deploymentView, viewOfDeployment } from './deployment-view';
import { startDeployment } from './start-deployment';
import { findDeployment, listDeployments } from './store';

const tag = 'Deployment';
const access = 'sites.manage';
const path = '/api/v1/sites/{siteId}/deployments' as const;
const ofDeployment = `${path}/{deploymentId}` as const;
/** A plan can contain a certificate in base64. */
const MAX_PLAN_BYTES = 524_288;

const resourceGroup = z
  .string()
  .regex(
    /^[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]$/,
    'Give 1 to 90 letters, digits, _, -, ( and ), and full stops except at the end.',
  )
  .meta({
    description: 'Resource group of the site: made unless it exists',
    examples: ['session-recording-paris'],
  });

const list = operation({
  id: 'listDeployments',
  method: 'GET',
  path,
  tag,
  summary: 'List the deployments of a site',
  description: 'The newest first.',
  access,
  query: z.strictObject(pageQuery),
  success: { status: 200, description: 'A page of deployments', body: pageOf(deploymentView) },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  async handle({ resource: { id: siteId }, query, caller, services }) {
    const site = { customerId: caller.customerId, siteId };
    const body = await readPage({
      services,
      caller,
      path: path.replace('{siteId}', siteId),
      query,
      read: (limit, after) => listDeployments(services, site, { limit, after }),
      keyOf: ({ id }) => id,
      toItem: viewOfDeployment,
    });
    return { body };
  },
});

const start = operation({
  id: 'startDeployment',
  method: 'POST',
  path,
  tag,
  summary: 'Deploy a site through a host connection',
  description:
    'Makes the resources of the plan in Azure, installs the servers, and ends when all are available. A task follows it; ' +
    'GET of the deployment shows the progress. When it fails, everything is kept and shown until somebody retries or ' +
    'cancels it. Passwords and certificate are kept in the secret store while they are needed.',
  access,
  body: z
    .strictObject({ hostConnectionId: resourceId, resourceGroup, plan: sitePlan })
    .meta({ id: 'NewDeployment' }),
  bodyFormat: { maxBytes: MAX_PLAN_BYTES },
  success: { status: 202, description: 'The deployment as it begins', body: deploymentView },
  task: true,
  etag: true,
  problems: ['conflict'],
  audit: { action: 'site.deploy', when: 'withChange' },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  async handle({ resource: site, body, caller, services, audit, newId, log, traceId, clientAddress }) {
    checkPlan(body.plan, 'hostConnection', services.clock.now());
    const deploymentId = newId();
    const taskId = newId();
    const by = { initiator: initiatorOf(caller), request: { traceId, clientAddress } };
    const request = { services, log, audit, customerId: caller.customerId, siteId: site.id, taskId, by };
    const stored = await startDeployment({ ...request, ...body, deploymentId });
    const location = `/api/v1/sites/${site.id}/deployments/${deploymentId}`;
    return { ...taskReply(taskId), body: viewOfDeployment(stored), etag: stored.etag, location };
  },
});

const get = operation({
  id: 'getDeployment',
  method: 'GET',
  path: ofDeployment,
  tag,
  summary: 'Show a deployment',
  description:
    'Progress by step, machine, server and resource of Azure. A canceled one is shown for 90 days, also without its site.',
  access,
  success: { status: 200, description: 'The deployment', body: deploymentView },
  otherStatuses: NOT_MODIFIED,
  etag: true,
  load: ({ params, caller, services }) =>
    findDeployment(services, caller.customerId, params.siteId, params.deploymentId),
  handle: async ({ resource }) => ({ body: viewOfDeployment(resource), etag: resource.etag }),
});

const retry = operation({
  id: 'retryDeployment',
  method: 'POST',
  path: `${ofDeployment}/retry`,
  tag,
  summary: 'Retry a failed deployment',
  description:
    'Deletes what the deployment made, then starts afresh. Without a plan the same one is deployed, while its passwords are kept.',
  access,
  body: z.strictObject({ plan: sitePlan.optional() }).optional().meta({ id: 'DeploymentRetry' }),
  bodyFormat: { maxBytes: MAX_PLAN_BYTES, optional: true },
  success: { status: 202, description: 'The deployment, which begins to delete', body: deploymentView },
  task: true,
  etag: true,
  problems: ['conflict'],
  audit: { action: 'deployment.retry', when: 'withChange' },
  load: ({ params, caller, services }) =>
    findDeployment(services, caller.customerId, params.siteId, params.deploymentId),
  async handle(request) {
    const plan = request.body?.plan;
    if (plan) checkPlan(plan, 'hostConnection', request.services.clock.now());
    const stored = await retryDeployment(decisionOf(request), plan);
    return { ...taskReply(stored.taskId), body: viewOfDeployment(stored), etag: stored.etag };
  },
});

const cancel = operation({
  id: 'cancelDeployment',
  method: 'POST',
  path: `${ofDeployment}/cancel`,
  tag,
  summary: 'Cancel a deployment',
  description:
    'One that is in progress or has failed: deletes what it made, and then the site. What cannot be deleted is listed in the deployment.',
  access,
  success: { status: 202, description: 'The deployment, which begins to delete', body: deploymentView },
  task: true,
  etag: true,
  problems: ['conflict'],
  audit: { action: 'deployment.cancel', when: 'withChange' },
  load: ({ params, caller, services }) =>
    findDeployment(services, caller.customerId, params.siteId, params.deploymentId),
  async handle(request) {
    const stored = await cancelDeployment(decisionOf(request));
    return { ...taskReply(stored.taskId), body: viewOfDeployment(stored), etag: stored.etag };
  },
});

type Deciding = Pick<Decision, 'services' | 'log' | 'audit'> & {
  resource: Deployment;
  caller: Administrator;
  newId: () => string;
  traceId: string;
  clientAddress: string;
};

function decisionOf(request: Deciding): Decision {
  const { services, log, audit, resource, caller, newId, traceId, clientAddress } = request;
  const { id: deploymentId, siteId } = resource;
  const by = { initiator: initiatorOf(caller), request: { traceId, clientAddress } };
  const { customerId } = caller;
  return { services, log, audit, customerId, siteId, deploymentId, taskId: newId(), by };
}

export const hostDeploymentOperations: readonly Operation[] = [list, start, get, retry, cancel];
