/** Evaluates `reference` and `list…` while a deployment runs. */
import { armError } from '../arm-error';
import { ExpressionError } from '../expressions/errors';
import { type ListRequest, type ReferenceRequest, type Runtime } from '../expressions/scope';
import { type Value, type ValueObject } from '../expressions/values';
import { requireType } from '../known-types';
import { parseResourceId } from '../resource-id';
import { accountKeys } from '../resources/rules/storage';
import { type ResourceProvider } from '../resources/resource-provider';
import { type Deployment, type ResourceStore } from '../store';
import { findInstances } from '../template/dependencies';
import { type ResourceInstance } from '../template/deployment-plan';
import { isNested } from '../template/resources';

/** `instances` are the resources that names in the template can refer to. */
export function createRuntime(
  provider: ResourceProvider,
  store: ResourceStore,
  instances: () => ResourceInstance[],
): Runtime {
  const idOf = (nameOrId: string): string => {
    if (nameOrId.startsWith('/')) return nameOrId;
    const [found] = findInstances(nameOrId, instances());
    if (found === undefined)
      throw new ExpressionError(`The resource '${nameOrId}' is not defined in the template`);
    return found.id;
  };
  return {
    reference: (request) => reference(request, idOf(request.nameOrId), provider, store),
    list: (request) => list(request, idOf(request.id), provider),
  };
}

function reference(
  { apiVersion, isFull }: ReferenceRequest,
  given: string,
  provider: ResourceProvider,
  store: ResourceStore,
): Value {
  const id = parseResourceId(given);
  if (id === undefined) throw new ExpressionError(`'${given}' is not the id of a resource`);
  if (apiVersion !== undefined) requireType(id.type, apiVersion, undefined);
  if (isNested(id.type)) return referenceOfDeployment(store.deployments.get(id.key), given, isFull);
  const resource = provider.get(id);
  if (resource === undefined) throw notFound(given);
  const { body } = resource;
  const properties = body.properties ?? {};
  if (!isFull) return properties;
  const { subscriptionId = '', resourceGroup: resourceGroupName = '', scope } = id;
  return {
    ...body,
    properties,
    apiVersion: apiVersion ?? '',
    resourceId: given,
    subscriptionId,
    resourceGroupName,
    scope,
  };
}

function referenceOfDeployment(deployment: Deployment | undefined, id: string, isFull: boolean): Value {
  if (deployment === undefined) throw notFound(id);
  const answered: object = deployment.properties;
  const properties = answered as ValueObject;
  return isFull ? { name: deployment.name, properties, resourceId: id } : properties;
}

function list({ functionName, apiVersion }: ListRequest, given: string, provider: ResourceProvider): Value {
  const id = parseResourceId(given);
  if (id === undefined) throw new ExpressionError(`'${given}' is not the id of a resource`);
  requireType(id.type, apiVersion, undefined);
  if (provider.get(id) === undefined) throw notFound(given);
  const isKnown =
    functionName.toLowerCase() === 'listkeys' &&
    id.type.toLowerCase() === 'microsoft.storage/storageaccounts';
  if (isKnown) return accountKeys(id.id);
  throw armError(
    501,
    'NotImplemented',
    `The local Resource Manager does not implement ${functionName} of ${id.type}.`,
  );
}

/** @param given the id that was asked for */
export function notFound(given: string): Error {
  const id = parseResourceId(given);
  const what = id === undefined ? given : `${id.type}/${id.fullName}`;
  return armError(
    404,
    'ResourceNotFound',
    `The Resource '${what}' under resource group '${id?.resourceGroup ?? ''}' was not found. For more details please ` +
      'go to https://aka.ms/ARMResourceNotFoundFix',
  );
}
