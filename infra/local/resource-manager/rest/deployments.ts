/** Deployments to a resource group. https://learn.microsoft.com/rest/api/resources/deployments */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HttpError, notImplemented } from '../../stand-in-support/errors';
import { header, type LocalRequest, type Reply } from '../../stand-in-support/server';
import { armError } from '../arm-error';
import { type Deployments } from '../deployments/deployments';
import { type Value } from '../expressions/values';
import { type Deployment, type DeploymentOperation } from '../store';
import { readGivenParameters } from '../template/template';
import { RETRY_AFTER } from './async-operations';
import { readBody, tagsSchema } from './body';
import { RESOURCES_API_VERSIONS as apiVersions, type RestContext, subscriptionPath } from './context';
import { findGroup } from './groups';
import { filterOf, listReply } from './paging';
import { param, type Route } from './router';

const deploymentBody = z.looseObject({
  tags: tagsSchema.nullish(),
  properties: z.looseObject({
    mode: z.string(),
    template: z.custom<Value>().optional(),
    parameters: z.unknown().optional(),
    templateLink: z.unknown().optional(),
    parametersLink: z.unknown().optional(),
  }),
});

const LIST = '/subscriptions/{subscription}/resourcegroups/{group}/providers/Microsoft.Resources/deployments';
const ONE = `${LIST}/{name}`;
/** Clients list the operations there. */
const OPERATIONS = '/subscriptions/{subscription}/resourcegroups/{group}/deployments/{name}/operations';

export function deploymentRoutes(context: RestContext, deployments: Deployments): Route[] {
  const { store } = context;
  const found = (request: LocalRequest): Deployment => findDeployment(context, request);
  const route = (method: string, path: string, handle: Route['handle']): Route => ({
    method,
    path,
    apiVersions,
    handle,
  });
  return [
    route('GET', LIST, (request) => {
      const { name } = findGroup(context, param(request, 'group'));
      const state = filterOf(request).get('provisioningstate');
      const matching = store.deployments
        .inGroup(name)
        .filter(({ properties }) => state === undefined || properties.provisioningState === state)
        .reverse();
      return listReply(request, matching.map(describe));
    }),
    route('PUT', ONE, (request) => put(context, deployments, request)),
    route('GET', ONE, (request) => ({ status: 200, body: describe(found(request)) })),
    route('HEAD', ONE, (request) => ({
      status: store.deployments.get(idOf(context, request)) === undefined ? 404 : 204,
    })),
    route('DELETE', ONE, (request) => {
      const deployment = store.deployments.get(idOf(context, request));
      if (deployment === undefined) return { status: 204 };
      deployments.forget(deployment);
      return { status: 204 };
    }),
    route('POST', `${ONE}/validate`, (request) => validate(context, deployments, request)),
    route('POST', `${ONE}/cancel`, (request) => {
      deployments.cancel(found(request));
      return { status: 204 };
    }),
    route('GET', OPERATIONS, (request) => {
      const deployment = found(request);
      return listReply(
        request,
        deployment.operations.map((operation) => describeOperation(deployment, operation)),
      );
    }),
    route('GET', `${OPERATIONS}/{operation}`, (request) => {
      const deployment = found(request);
      const operation = deployment.operations.find(
        ({ operationId }) => operationId === param(request, 'operation'),
      );
      if (operation === undefined)
        throw armError(404, 'DeploymentOperationNotFound', 'The operation could not be found.');
      return { status: 200, body: describeOperation(deployment, operation) };
    }),
    route('GET', `${ONE}/operationstatuses/{operation}`, (request) => statusOf(found(request))),
  ];
}

function idOf(context: RestContext, request: LocalRequest): string {
  const group = `${subscriptionPath(context)}/resourceGroups/${param(request, 'group')}`;
  return `${group}/providers/Microsoft.Resources/deployments/${param(request, 'name')}`;
}

function findDeployment(context: RestContext, request: LocalRequest): Deployment {
  findGroup(context, param(request, 'group'));
  const deployment = context.store.deployments.get(idOf(context, request));
  if (deployment !== undefined) return deployment;
  throw armError(404, 'DeploymentNotFound', `Deployment '${param(request, 'name')}' could not be found.`);
}

/** The plan of what was sent. @throws ArmError */
function planOf(
  context: RestContext,
  deployments: Deployments,
  request: LocalRequest,
): ReturnType<Deployments['plan']> {
  const group = findGroup(context, param(request, 'group'));
  const name = param(request, 'name');
  if (!/^[\w.()-]{1,64}$/.test(name)) {
    throw armError(
      400,
      'InvalidDeploymentName',
      `The provided deployment name '${name}' is invalid: 1 to 64 letters, digits, underscores, parentheses, hyphens and periods.`,
    );
  }
  const { properties, tags } = readBody(deploymentBody, request);
  const mode = properties.mode.toLowerCase();
  if (mode !== 'incremental')
    throw notImplemented('Resource Manager', `the deployment mode ${properties.mode}`);
  if (properties.templateLink !== undefined || properties.parametersLink !== undefined) {
    throw notImplemented('Resource Manager', 'linked templates and parameters');
  }
  return deployments.plan({
    group,
    name,
    template: properties.template ?? null,
    given: () => readGivenParameters(properties.parameters ?? {}),
    tags: tags ?? undefined,
  });
}

function put(context: RestContext, deployments: Deployments, request: LocalRequest): Reply {
  const before = context.store.deployments.get(idOf(context, request));
  const planned = planOf(context, deployments, request);
  const correlationId = header(request, 'x-ms-correlation-request-id') ?? randomUUID();
  const deployment = deployments.start(planned, correlationId);
  const status = `${context.origin}${deployment.id}/operationStatuses/${randomUUID()}?api-version=2024-03-01`;
  return {
    status: before === undefined ? 201 : 200,
    headers: { 'azure-asyncoperation': status, ...RETRY_AFTER },
    body: describe(deployment),
  };
}

function validate(context: RestContext, deployments: Deployments, request: LocalRequest): Reply {
  try {
    const planned = planOf(context, deployments, request);
    return { status: 200, body: deployments.validated(planned) };
  } catch (error) {
    // Validation answers 400, whatever the status would be on deploying.
    if (
      error instanceof HttpError &&
      error.status !== 501 &&
      error.code !== 'ResourceGroupNotFound' &&
      'info' in error
    ) {
      throw armError(400, error.code, error.message, error.info as object);
    }
    throw error;
  }
}

function describe({ id, name, tags, properties }: Deployment): object {
  return {
    id,
    name,
    type: 'Microsoft.Resources/deployments',
    ...(tags === undefined ? {} : { tags }),
    properties,
  };
}

function describeOperation({ id }: Deployment, { operationId, properties }: DeploymentOperation): object {
  return { id: `${id}/operations/${operationId}`, operationId, properties };
}

function statusOf({ properties }: Deployment): Reply {
  const { provisioningState, error } = properties;
  const isOver = ['Succeeded', 'Failed', 'Canceled'].includes(provisioningState);
  return {
    status: 200,
    headers: isOver ? {} : RETRY_AFTER,
    body: { status: provisioningState, ...(error === undefined ? {} : { error }) },
  };
}
