/** The database server with its two databases, and its role for the audit log. */
import { minServerlessVcores } from '../plan/catalogues';
import type { SitePlan } from '../plan/site-plan';
import {
  API_VERSIONS,
  concat,
  expression,
  type Json,
  parameter,
  stringLiteral,
  type Resource,
  resourceId,
} from './arm';
import { DATABASES, nameExpression } from './resource-names';
import { LOCATION, type NestedTemplate, subnetIdOf, TAGS } from './nested-template';
import { ROLES, roleAssignment } from './roles';

const SERVER = 'Microsoft.Sql/servers';
const serverName = nameExpression('sqlServer');
const serverId = resourceId(SERVER, serverName);
const ofServer = (name: string) => expression(concat(serverName, stringLiteral(`/${name}`)));

function server({ network }: SitePlan): Resource {
  return {
    type: SERVER,
    name: expression(serverName),
    location: LOCATION,
    tags: TAGS,
    // With this identity the server writes its audit log to a storage account.
    identity: { type: 'SystemAssigned' },
    properties: {
      version: '12.0',
      administratorLogin: expression(parameter('sqlAdminUserName')),
      administratorLoginPassword: expression(parameter('sqlAdminPassword')),
      minimalTlsVersion: '1.2',
      publicNetworkAccess: network.privateEndpoints ? 'Disabled' : 'Enabled',
    },
  };
}

/** Serverless databases have no choice: their price includes the licence. */
const LICENCE_TYPES = { payAsYouGo: 'LicenseIncluded', azureHybridBenefit: 'BasePrice' } as const;

function computeOf({ databases: { compute } }: SitePlan): { sku: Json; tier: { [key: string]: Json } } {
  const capacity = expression(parameter('databaseVcores'));
  if (compute.tier === 'provisioned')
    return {
      sku: { name: 'GP_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity },
      tier: { licenseType: LICENCE_TYPES[compute.licence] },
    };
  return {
    sku: { name: 'GP_S_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity },
    tier: {
      autoPauseDelay: expression(parameter('databaseAutoPauseMinutes')),
      // Templates have no literals for fractions: json() parses them.
      minCapacity: expression(`json(${stringLiteral(String(minServerlessVcores(compute.maxVcores)))})`),
    },
  };
}

function database(plan: SitePlan, name: string): Resource {
  const { sku, tier } = computeOf(plan);
  return {
    type: `${SERVER}/databases`,
    name: ofServer(name),
    location: LOCATION,
    tags: TAGS,
    sku,
    dependsOn: [expression(serverId)],
    properties: { maxSizeBytes: expression(`mul(${parameter('databaseMaxSizeGib')}, 1073741824)`), ...tier },
  };
}

/** Access through the subnet's service endpoint; not with private endpoints. */
function subnetRule({ network }: SitePlan): Resource[] {
  if (network.privateEndpoints) return [];
  return [
    {
      type: `${SERVER}/virtualNetworkRules`,
      name: ofServer('recording-servers'),
      dependsOn: [expression(serverId)],
      properties: { virtualNetworkSubnetId: expression(subnetIdOf('subnetName')) },
    },
  ];
}

/** With this role the server writes its audit log to the archive account. */
function auditRole(): Resource {
  const { resource } = roleAssignment({
    role: ROLES.storageBlobDataContributor,
    scope: { type: 'Microsoft.Storage/storageAccounts', name: nameExpression('archiveAccount') },
    principal: { id: serverId, apiVersion: API_VERSIONS[SERVER], isSystemAssigned: true },
  });
  return { ...resource, dependsOn: [expression(serverId)] };
}

/** Server, databases, network rule, and the role for the audit log. */
export function databasesTemplate(plan: SitePlan): NestedTemplate {
  return {
    name: 'databases',
    dependsOn: ['storage'],
    resources: [
      server(plan),
      ...DATABASES.map((name) => database(plan, name)),
      ...subnetRule(plan),
      auditRole(),
    ],
    outputs: {
      fullyQualifiedDomainName: {
        type: 'string',
        value: expression(`reference(${serverId}).fullyQualifiedDomainName`),
      },
    },
  };
}
