/**
 * Functions of resources and of the deployment.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource and …-deployment
 */
import { type Arguments } from '../arguments';
import { ExpressionError } from '../errors';
import { type Scope } from '../scope';
import { type Value, type ValueObject } from '../values';
import { notExpectedHere } from './dates';
import { ANY_NUMBER, takes, type FunctionTable } from './function';

export const resourceFunctions: FunctionTable = {
  deployment: takes(0, (_, { target }) => target.deployment),
  environment: takes(0, () => azureCloud),
  extensionResourceId: takes(3, extensionResourceId, ANY_NUMBER),
  managementGroupResourceId: takes(
    2,
    (given) => `/providers/Microsoft.Management/managementGroups${suffix(given, 0)}`,
    ANY_NUMBER,
  ),
  parameters: takes(1, (given, scope) => scope.parameter(given.text(0))),
  pickZones: takes(3, pickZones, 5),
  reference: takes(1, reference, 3),
  resourceGroup: takes(0, (_, { target }) => target.resourceGroup),
  resourceId: takes(2, resourceId, ANY_NUMBER),
  subscription: takes(0, (_, { target }) => target.subscription),
  subscriptionResourceId: takes(2, subscriptionResourceId, ANY_NUMBER),
  tenant: takes(0, (_, { target }) => tenantOf(target.subscription.tenantId)),
  tenantResourceId: takes(2, (given) => suffix(given, 0), ANY_NUMBER),
  variables: takes(1, (given, scope) => scope.variable(given.text(0))),
};

/** `/providers/{type/subtype}/{names by turns}` of the type at `index` and the names after it. */
function suffix(given: Arguments, index: number): string {
  const [namespace = '', ...types] = given.text(index).split('/');
  const names = given.texts(index + 1);
  if (types.length === 0 || types.includes('')) {
    return given.refuse(`'${given.text(index)}' is not a resource type with its namespace`);
  }
  if (names.length !== types.length) {
    throw new ExpressionError(
      `Unable to evaluate template language function '${given.functionName}': the type '${given.text(index)}' ` +
        `requires '${types.length}' resource name argument(s). ` +
        'Please see https://aka.ms/arm-resource-functions/#resourceid for usage details.',
    );
  }
  return `/providers/${namespace}${types.map((type, position) => `/${type}/${names[position] ?? ''}`).join('')}`;
}

const isType = (text: string): boolean => text.includes('/');

function resourceId(given: Arguments, { target }: Scope): string {
  const index = given.texts().findIndex(isType);
  if (index < 0 || index > 2) return given.refuse('it expects a fully qualified resource type');
  const group = index === 0 ? target.resourceGroup.name : given.text(index - 1);
  const subscription = index === 2 ? given.text(0) : target.subscription.subscriptionId;
  return `/subscriptions/${subscription}/resourceGroups/${group}${suffix(given, index)}`;
}

function subscriptionResourceId(given: Arguments, { target }: Scope): string {
  const index = isType(given.text(0)) ? 0 : 1;
  const subscription = index === 1 ? given.text(0) : target.subscription.subscriptionId;
  return `/subscriptions/${subscription}${suffix(given, index)}`;
}

function extensionResourceId(given: Arguments): string {
  return given.text(0).replace(/\/$/, '') + suffix(given, 1);
}

function reference(given: Arguments, { runtime }: Scope): Value {
  if (runtime === undefined) throw notExpectedHere(given.functionName);
  return runtime.reference({
    nameOrId: given.text(0),
    apiVersion: given.count > 1 ? given.text(1) : undefined,
    isFull: given.textOr(2, '').toLowerCase() === 'full',
  });
}

/** `listKeys(id, apiVersion)` and its like: functions that are named by what they are called. */
export function applyList(given: Arguments, { runtime }: Scope): Value {
  if (runtime === undefined) throw notExpectedHere(given.functionName);
  return runtime.list({ functionName: given.functionName, id: given.text(0), apiVersion: given.text(1) });
}

function pickZones(given: Arguments): Value {
  const count = given.count > 3 ? given.integer(3) : 1;
  const offset = given.count > 4 ? given.integer(4) : 0;
  return ['1', '2', '3'].slice(offset, offset + count);
}

function tenantOf(tenantId: string): ValueObject {
  return { id: `/tenants/${tenantId}`, tenantId, countryCode: 'US', displayName: 'Local directory' };
}

/** The public cloud, whose names templates build addresses from. */
const azureCloud: ValueObject = {
  name: 'AzureCloud',
  gallery: 'https://gallery.azure.com/',
  graph: 'https://graph.windows.net/',
  portal: 'https://portal.azure.com',
  graphAudience: 'https://graph.windows.net/',
  activeDirectoryDataLake: 'https://datalake.azure.net/',
  batch: 'https://batch.core.windows.net/',
  media: 'https://rest.media.azure.net',
  sqlManagement: 'https://management.core.windows.net:8443/',
  vmImageAliasDoc:
    'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
  resourceManager: 'https://management.azure.com/',
  authentication: {
    loginEndpoint: 'https://login.microsoftonline.com/',
    audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
    tenant: 'common',
    identityProvider: 'AAD',
  },
  suffixes: {
    acrLoginServer: '.azurecr.io',
    azureDatalakeAnalyticsCatalogAndJob: 'azuredatalakeanalytics.net',
    azureDatalakeStoreFileSystem: 'azuredatalakestore.net',
    keyvaultDns: '.vault.azure.net',
    sqlServerHostname: '.database.windows.net',
    storage: 'core.windows.net',
  },
};
