/** Generates the template of a site plan: a main template with nested templates, and the values of its parameters. */
import {
  ARCHIVE_SHARE,
  DATABASES,
  machineName,
  nameExpression,
  type ResourceNames,
  resourceNames,
  vaultName,
} from './resource-names';
import type { SitePlan } from '../plan/site-plan';
import {
  API_VERSIONS,
  concat,
  expression,
  type Json,
  type Output,
  parameter,
  type ParameterDeclaration,
  stringLiteral,
  resourceId,
  type Template,
  TEMPLATE_SCHEMA,
  toJson,
} from './arm';
import { auditingTemplate } from './auditing';
import { databasesTemplate } from './databases';
import { diagnosticsTemplate } from './diagnostics';
import { dnsResolverTemplate } from './dns-resolver';
import { identityId, identityTemplate } from './identity';
import { keyVaultTemplate, vaultId } from './key-vault';
import { loadBalancerTemplate } from './load-balancer';
import { machinesTemplate } from './machines';
import { networkTemplate } from './network';
import { DECLARATIONS, type ParameterName, parameterValues, type TemplateContext } from './parameters';
import type { NestedTemplate, NestedTemplateName } from './nested-template';
import { privateEndpointsTemplate } from './private-endpoints';
import { IDENTITY_API_VERSION } from './roles';
import { setupTemplate } from './setup';
import { storageTemplate } from './storage';

/** Everything that a deployment of a plan needs, except secrets. */
export interface SiteTemplate {
  main: Template;
  /** The templates nested in `main`, by name. */
  nested: ReadonlyMap<NestedTemplateName, Template>;
  /** Values of all parameters of `main` that are not secret. */
  parameters: Record<string, Json>;
  names: ResourceNames;
}

/**
 * The template of a plan. The same plan and context always give the same template. Numbers, sizes, names and texts
 * of the plan are in the parameters; only what changes the kinds of resources changes the template.
 * @param setup `separateSetup`: without the set-up of the machines, which follows machine by machine; an output has what it needs
 */
export function makeTemplate(
  plan: SitePlan,
  context: TemplateContext,
  setup: 'setup' | 'separateSetup' = 'setup',
): SiteTemplate {
  const names = resourceNames(plan, context.suffix);
  const isSeparate = setup === 'separateSetup';
  const templates = nestedTemplatesOf(plan, context).filter(({ name }) => !isSeparate || name !== 'setup');
  const nested = new Map(templates.map((template) => [template.name, templateJson(template)]));
  const resources = templates.map((template) => nestedDeployment(template, nested));
  const outputs = { ...outputsOf(plan), ...(isSeparate ? IDENTITY_OUTPUT : {}) };
  const parameters = parametersUsedIn(resources, outputs);
  const declared = declarations(parameters);
  const main: Template = {
    $schema: TEMPLATE_SCHEMA,
    contentVersion: '1.0.0.0',
    parameters: {
      ...declared,
      location: { ...DECLARATIONS.location, defaultValue: expression('resourceGroup().location') },
      names: { ...DECLARATIONS.names, defaultValue: names },
    },
    resources,
    outputs,
  };
  const values = parameterValues(plan, context, names);
  const given = parameters.flatMap((name) =>
    values[name] === undefined ? [] : [[name, values[name]] as const],
  );
  return { main, nested, parameters: Object.fromEntries(given), names };
}

function nestedTemplatesOf(plan: SitePlan, context: TemplateContext): NestedTemplate[] {
  const { network } = plan;
  return [
    networkTemplate(plan),
    storageTemplate(plan),
    databasesTemplate(plan),
    keyVaultTemplate(plan),
    identityTemplate(),
    loadBalancerTemplate(plan),
    ...(network.privateEndpoints ? [privateEndpointsTemplate(plan)] : []),
    ...(network.resolverSubnetId === undefined ? [] : [dnsResolverTemplate()]),
    machinesTemplate(plan),
    setupTemplate(plan, context.cloudClientPackageSha256 !== undefined),
    auditingTemplate(),
    ...(plan.logAnalyticsWorkspaceId === undefined ? [] : [diagnosticsTemplate()]),
  ];
}

/** The parameters to which expressions in the values refer, in the order of their declarations. */
function parametersUsedIn(...values: unknown[]): ParameterName[] {
  const used = new Set(
    [...JSON.stringify(values).matchAll(/parameters\('(\w+)'\)/g)].map(([, name]) => name),
  );
  return (Object.keys(DECLARATIONS) as ParameterName[]).filter((name) => used.has(name));
}

function declarations(names: readonly ParameterName[]): Record<string, ParameterDeclaration> {
  return Object.fromEntries(names.map((name) => [name, DECLARATIONS[name]]));
}

function templateJson({ resources, outputs = {} }: NestedTemplate): Template {
  return {
    $schema: TEMPLATE_SCHEMA,
    contentVersion: '1.0.0.0',
    parameters: declarations(parametersUsedIn(resources, outputs)),
    resources: resources.map(toJson),
    outputs,
  };
}

const deploymentName = (template: NestedTemplateName): string =>
  concat(nameExpression('prefix'), stringLiteral(`-${template}`));
const deploymentId = (template: NestedTemplateName): string =>
  resourceId('Microsoft.Resources/deployments', deploymentName(template));

/** Its expressions are evaluated in the inner scope, so that secrets never appear in the main deployment. */
function nestedDeployment(
  { name, dependsOn }: NestedTemplate,
  nested: ReadonlyMap<NestedTemplateName, Template>,
): Json {
  const template = nested.get(name);
  const predecessors = dependsOn.filter((other) => nested.has(other));
  const passed = Object.keys(template?.parameters ?? {}).map((key) => [
    key,
    { value: expression(parameter(key)) },
  ]);
  return {
    type: 'Microsoft.Resources/deployments',
    apiVersion: API_VERSIONS['Microsoft.Resources/deployments'],
    name: expression(deploymentName(name)),
    ...(predecessors.length > 0
      ? { dependsOn: predecessors.map((other) => expression(deploymentId(other))) }
      : {}),
    properties: {
      mode: 'Incremental',
      expressionEvaluationOptions: { scope: 'Inner' },
      parameters: Object.fromEntries(passed) as Json,
      template: template ?? null,
    },
  };
}

const outputOf = (template: NestedTemplateName, output: string) =>
  expression(`reference(${deploymentId(template)}).outputs.${output}.value`);

/** With its client id, the machines sign in to their key vault. */
const IDENTITY_OUTPUT: Record<string, Output> = {
  identityClientId: {
    type: 'string',
    value: expression(`reference(${identityId}, ${stringLiteral(IDENTITY_API_VERSION)}).clientId`),
  },
};

/** The content of resourceInfo.json, which the set-up of the site compares with the plan and then reads. */
function outputsOf(plan: SitePlan): Record<string, Output> {
  const account = (key: 'recordingsAccount' | 'archiveAccount') => ({
    name: expression(nameExpression(key)),
    id: expression(resourceId('Microsoft.Storage/storageAccounts', nameExpression(key))),
  });
  const shares =
    plan.storage.performance === 'standard'
      ? parameter('shareCount')
      : `length(${parameter('shareSizesGib')})`;
  const value = (json: Json): Output => ({ type: 'object', value: json });
  return {
    siteId: { type: 'string', value: expression(parameter('siteId')) },
    planFingerprint: { type: 'string', value: expression(parameter('planFingerprint')) },
    tenantId: { type: 'string', value: expression('subscription().tenantId') },
    subscriptionId: { type: 'string', value: expression('subscription().subscriptionId') },
    resourceGroupName: { type: 'string', value: expression('resourceGroup().name') },
    region: { type: 'string', value: expression(parameter('location')) },
    machines: {
      type: 'array',
      copy: {
        count: expression(parameter('machineCount')),
        input: {
          name: expression(machineName),
          id: expression(resourceId('Microsoft.Compute/virtualMachines', machineName)),
        },
      },
    },
    shares: {
      type: 'array',
      copy: {
        count: expression(shares),
        input: expression(concat(stringLiteral('recordings'), 'copyIndex(1)')),
      },
    },
    recordingsAccount: value(account('recordingsAccount')),
    archiveAccount: value({ ...account('archiveAccount'), share: ARCHIVE_SHARE }),
    databaseServer: value({
      name: expression(nameExpression('sqlServer')),
      id: expression(resourceId('Microsoft.Sql/servers', nameExpression('sqlServer'))),
      host: outputOf('databases', 'fullyQualifiedDomainName'),
      databases: [...DATABASES],
    }),
    loadBalancer: value({
      name: expression(nameExpression('loadBalancer')),
      id: expression(resourceId('Microsoft.Network/loadBalancers', nameExpression('loadBalancer'))),
      address: outputOf('load-balancer', 'address'),
    }),
    keyVault: value({ name: expression(vaultName), id: expression(vaultId) }),
    identity: value({ name: expression(nameExpression('identity')), id: expression(identityId) }),
  };
}
