/** From a site plan to its template: the parts it needs, each nested in the main template, and its parameters. */
import { ARCHIVE_SHARE, DATABASES, machineName, nameOf, type Names, namesOf, vaultName } from './names';
import type { SitePlan } from '../plan/site-plan';
import {
  API_VERSIONS,
  concat,
  evaluated,
  type Json,
  type Output,
  parameter,
  type ParameterDeclaration,
  quoted,
  resourceId,
  type Template,
  TEMPLATE_SCHEMA,
  written,
} from './arm';
import { databasesPart } from './databases';
import { dnsResolverPart } from './dns-resolver';
import { identityId, identityPart } from './identity';
import { keyVaultPart, vaultId } from './key-vault';
import { loadBalancerPart } from './load-balancer';
import { machinesPart } from './machines';
import { networkPart } from './network';
import { DECLARATIONS, type ParameterName, parameterValues, type TemplateContext } from './parameters';
import type { Part, PartName } from './part';
import { privateEndpointsPart } from './private-endpoints';
import { storagePart } from './storage';

/** Everything that a deployment of a plan needs, save its secrets. */
export interface SiteTemplate {
  main: Template;
  /** The parts by name, as they are nested in `main`. */
  parts: ReadonlyMap<PartName, Template>;
  /** Values of all parameters of `main` that are not secret. */
  parameters: Record<string, Json>;
  names: Names;
}

/**
 * The template of a plan. The same plan and context always give the same template. Numbers, sizes, names and texts
 * of the plan are in the parameters; only what changes the kinds of resources changes the template.
 */
export function makeTemplate(plan: SitePlan, context: TemplateContext): SiteTemplate {
  const names = namesOf(plan, context.suffix);
  const parts = partsOf(plan);
  const templates = new Map(parts.map((part) => [part.name, templateOf(part)]));
  const resources = parts.map((part) => nested(part, parts, templates));
  const outputs = outputsOf(plan);
  const parameters = usedIn(resources, outputs);
  const declared = declarations(parameters);
  const main: Template = {
    $schema: TEMPLATE_SCHEMA,
    contentVersion: '1.0.0.0',
    parameters: {
      ...declared,
      location: { ...DECLARATIONS.location, defaultValue: evaluated('resourceGroup().location') },
      names: { ...DECLARATIONS.names, defaultValue: names },
    },
    resources,
    outputs,
  };
  const values = parameterValues(plan, context, names);
  const given = parameters.flatMap((name) =>
    values[name] === undefined ? [] : [[name, values[name]] as const],
  );
  return { main, parts: templates, parameters: Object.fromEntries(given), names };
}

function partsOf(plan: SitePlan): Part[] {
  const { network, domain } = plan;
  const needsResolver = network.privateEndpoints && domain.kind === 'activeDirectory';
  return [
    networkPart(plan),
    storagePart(plan),
    databasesPart(plan),
    keyVaultPart(plan),
    identityPart(),
    loadBalancerPart(plan),
    ...(network.privateEndpoints ? [privateEndpointsPart()] : []),
    ...(needsResolver ? [dnsResolverPart()] : []),
    machinesPart(plan),
  ];
}

/** The parameters that expressions somewhere within refer to, in the order of their declarations. */
function usedIn(...values: unknown[]): ParameterName[] {
  const used = new Set(
    [...JSON.stringify(values).matchAll(/parameters\('(\w+)'\)/g)].map(([, name]) => name),
  );
  return (Object.keys(DECLARATIONS) as ParameterName[]).filter((name) => used.has(name));
}

function declarations(names: readonly ParameterName[]): Record<string, ParameterDeclaration> {
  return Object.fromEntries(names.map((name) => [name, DECLARATIONS[name]]));
}

function templateOf({ resources, outputs = {} }: Part): Template {
  return {
    $schema: TEMPLATE_SCHEMA,
    contentVersion: '1.0.0.0',
    parameters: declarations(usedIn(resources, outputs)),
    resources: resources.map(written),
    outputs,
  };
}

const deploymentName = (part: PartName): string => concat(nameOf('prefix'), quoted(`-${part}`));
const deploymentId = (part: PartName): string =>
  resourceId('Microsoft.Resources/deployments', deploymentName(part));

/** Evaluated within itself: secrets never show in the main deployment. */
function nested(
  { name, after }: Part,
  parts: readonly Part[],
  templates: ReadonlyMap<PartName, Template>,
): Json {
  const template = templates.get(name);
  const before = after.filter((other) => parts.some((part) => part.name === other));
  const passed = Object.keys(template?.parameters ?? {}).map((key) => [
    key,
    { value: evaluated(parameter(key)) },
  ]);
  return {
    type: 'Microsoft.Resources/deployments',
    apiVersion: API_VERSIONS['Microsoft.Resources/deployments'],
    name: evaluated(deploymentName(name)),
    ...(before.length > 0 ? { dependsOn: before.map((other) => evaluated(deploymentId(other))) } : {}),
    properties: {
      mode: 'Incremental',
      expressionEvaluationOptions: { scope: 'Inner' },
      parameters: Object.fromEntries(passed) as Json,
      template: template as unknown as Json,
    },
  };
}

const ofPart = (part: PartName, output: string) =>
  evaluated(`reference(${deploymentId(part)}).outputs.${output}.value`);

/** What resourceInfo.json holds: the set-up of the site reads it, after comparing it with the plan. */
function outputsOf(plan: SitePlan): Record<string, Output> {
  const account = (key: 'recordingsAccount' | 'archiveAccount') => ({
    name: evaluated(nameOf(key)),
    id: evaluated(resourceId('Microsoft.Storage/storageAccounts', nameOf(key))),
  });
  const shares =
    plan.storage.performance === 'standard'
      ? parameter('shareCount')
      : `length(${parameter('shareSizesGib')})`;
  const value = (json: Json): Output => ({ type: 'object', value: json });
  return {
    siteId: { type: 'string', value: evaluated(parameter('siteId')) },
    planFingerprint: { type: 'string', value: evaluated(parameter('planFingerprint')) },
    tenantId: { type: 'string', value: evaluated('subscription().tenantId') },
    subscriptionId: { type: 'string', value: evaluated('subscription().subscriptionId') },
    resourceGroupName: { type: 'string', value: evaluated('resourceGroup().name') },
    region: { type: 'string', value: evaluated(parameter('location')) },
    machines: {
      type: 'array',
      copy: {
        count: evaluated(parameter('machineCount')),
        input: {
          name: evaluated(machineName),
          id: evaluated(resourceId('Microsoft.Compute/virtualMachines', machineName)),
        },
      },
    },
    shares: {
      type: 'array',
      copy: { count: evaluated(shares), input: evaluated(concat(quoted('recordings'), 'copyIndex(1)')) },
    },
    recordingsAccount: value(account('recordingsAccount')),
    archiveAccount: value({ ...account('archiveAccount'), share: ARCHIVE_SHARE }),
    databaseServer: value({
      name: evaluated(nameOf('sqlServer')),
      id: evaluated(resourceId('Microsoft.Sql/servers', nameOf('sqlServer'))),
      host: ofPart('databases', 'fullyQualifiedDomainName'),
      databases: [...DATABASES],
    }),
    loadBalancer: value({
      name: evaluated(nameOf('loadBalancer')),
      id: evaluated(resourceId('Microsoft.Network/loadBalancers', nameOf('loadBalancer'))),
      address: ofPart('load-balancer', 'address'),
    }),
    keyVault: value({ name: evaluated(vaultName), id: evaluated(vaultId) }),
    identity: value({ name: evaluated(nameOf('identity')), id: evaluated(identityId) }),
  };
}
