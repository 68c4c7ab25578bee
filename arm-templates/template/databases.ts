/** The database server, its two databases, and the log of what is done in them. */
import { leastServerlessVcores } from '../plan/catalogues';
import type { SitePlan } from '../plan/site-plan';
import {
  API_VERSIONS,
  call,
  concat,
  evaluated,
  type Json,
  parameter,
  quoted,
  type Resource,
  resourceId,
} from './arm';
import { DATABASES, nameOf } from './names';
import { LOCATION, type Part, subnetIdOf, TAGS } from './part';
import { ROLES, roleAssignment } from './roles';

const SERVER = 'Microsoft.Sql/servers';
const serverName = nameOf('sqlServer');
const serverId = resourceId(SERVER, serverName);
const ofServer = (name: string) => evaluated(concat(serverName, quoted(`/${name}`)));

function server({ network }: SitePlan): Resource {
  return {
    type: SERVER,
    name: evaluated(serverName),
    location: LOCATION,
    tags: TAGS,
    // With it the server signs in to the storage account of its audit log.
    identity: { type: 'SystemAssigned' },
    properties: {
      version: '12.0',
      administratorLogin: evaluated(parameter('sqlAdminUserName')),
      administratorLoginPassword: evaluated(parameter('sqlAdminPassword')),
      minimalTlsVersion: '1.2',
      publicNetworkAccess: network.privateEndpoints ? 'Disabled' : 'Enabled',
    },
  };
}

function computeOf({ databases: { compute } }: SitePlan): { sku: Json; tier: { [key: string]: Json } } {
  const capacity = evaluated(parameter('databaseVcores'));
  if (compute.tier === 'provisioned')
    return { sku: { name: 'GP_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity }, tier: {} };
  return {
    sku: { name: 'GP_S_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity },
    tier: {
      autoPauseDelay: evaluated(parameter('databaseAutoPauseMinutes')),
      // Templates have no fractions of their own: json() reads them.
      minCapacity: evaluated(`json(${quoted(String(leastServerlessVcores(compute.maxVcores)))})`),
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
    dependsOn: [evaluated(serverId)],
    properties: { maxSizeBytes: evaluated(`mul(${parameter('databaseMaxSizeGib')}, 1073741824)`), ...tier },
  };
}

/** Through the subnet's service endpoint; with private endpoints there is no other way in than these. */
function subnetRule({ network }: SitePlan): Resource[] {
  if (network.privateEndpoints) return [];
  return [
    {
      type: `${SERVER}/virtualNetworkRules`,
      name: ofServer('recording-servers'),
      dependsOn: [evaluated(serverId)],
      properties: { virtualNetworkSubnetId: evaluated(subnetIdOf('subnetName')) },
    },
  ];
}

/** https://learn.microsoft.com/azure/azure-sql/database/audit-write-storage-account-behind-vnet-firewall */
function auditing(): Resource[] {
  const archive = nameOf('archiveAccount');
  const storageId = resourceId('Microsoft.Storage/storageAccounts', archive);
  const storage = call('reference', storageId, quoted(API_VERSIONS['Microsoft.Storage/storageAccounts']));
  const assignment = roleAssignment({
    role: ROLES.storageBlobDataContributor,
    scope: { type: 'Microsoft.Storage/storageAccounts', name: archive },
    principalOf: { id: serverId, apiVersion: API_VERSIONS[SERVER], isOwnIdentity: true },
  });
  return [
    { ...assignment.resource, dependsOn: [evaluated(serverId)] },
    {
      type: `${SERVER}/auditingSettings`,
      name: ofServer('default'),
      dependsOn: [evaluated(serverId), evaluated(assignment.id)],
      properties: {
        state: 'Enabled',
        isManagedIdentityInUse: true,
        storageEndpoint: evaluated(`${storage}.primaryEndpoints.blob`),
        retentionDays: 90,
      },
    },
  ];
}

/** Server, databases, their network rule and their audit log. */
export function databasesPart(plan: SitePlan): Part {
  return {
    name: 'databases',
    after: ['storage'],
    resources: [
      server(plan),
      ...DATABASES.map((name) => database(plan, name)),
      ...subnetRule(plan),
      ...auditing(),
    ],
    outputs: {
      fullyQualifiedDomainName: {
        type: 'string',
        value: evaluated(`reference(${serverId}).fullyQualifiedDomainName`),
      },
    },
  };
}
