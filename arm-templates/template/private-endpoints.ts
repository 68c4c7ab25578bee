/**
 * Private endpoints of storage, databases and key vault, and the private DNS zones that resolve their names: new ones,
 * existing ones that the plan names, or none.
 */
import type { SitePlan } from '../plan/site-plan';
import { concat, expression, parameter, stringLiteral, type Resource, resourceId } from './arm';
import { nameExpression, vaultName } from './resource-names';
import {
  subResource,
  LOCATION,
  type NestedTemplate,
  subnetIdOf,
  TAGS,
  VIRTUAL_NETWORK_ID,
} from './nested-template';

const ZONE = 'Microsoft.Network/privateDnsZones';
const ENDPOINT = 'Microsoft.Network/privateEndpoints';

/**
 * Names of the zones, derived from the suffixes of the cloud:
 * https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 */
const ZONES = {
  file: "concat('privatelink.file.', environment().suffixes.storage)",
  sql: "concat('privatelink', environment().suffixes.sqlServerHostname)",
  vault: "replace(concat('privatelink', environment().suffixes.keyvaultDns), '.vault.', '.vaultcore.')",
} as const;

interface Target {
  /** The name of the endpoint's resource, as an expression. */
  name: string;
  id: string;
  groupId: 'file' | 'sqlServer' | 'vault';
  zone: keyof typeof ZONES;
}

const account = (key: 'recordingsAccount' | 'archiveAccount'): Target => ({
  name: concat(nameExpression(key), stringLiteral('-pe')),
  id: resourceId('Microsoft.Storage/storageAccounts', nameExpression(key)),
  groupId: 'file',
  zone: 'file',
});

const TARGETS: readonly Target[] = [
  account('recordingsAccount'),
  account('archiveAccount'),
  {
    name: concat(nameExpression('sqlServer'), stringLiteral('-pe')),
    id: resourceId('Microsoft.Sql/servers', nameExpression('sqlServer')),
    groupId: 'sqlServer',
    zone: 'sql',
  },
  {
    name: concat(nameExpression('vault'), stringLiteral('-pe')),
    id: resourceId('Microsoft.KeyVault/vaults', vaultName),
    groupId: 'vault',
    zone: 'vault',
  },
];

/** Without tags: private zones refuse some that all other resources accept. */
function zone(name: string): Resource[] {
  return [
    { type: ZONE, name: expression(name), location: 'global', properties: {} },
    {
      type: `${ZONE}/virtualNetworkLinks`,
      name: expression(concat(name, stringLiteral('/'), nameExpression('prefix'))),
      location: 'global',
      dependsOn: [expression(resourceId(ZONE, name))],
      properties: { registrationEnabled: false, virtualNetwork: subResource(VIRTUAL_NETWORK_ID) },
    },
  ];
}

function endpoint({ name, id, groupId }: Target): Resource {
  return {
    type: ENDPOINT,
    name: expression(name),
    location: LOCATION,
    tags: TAGS,
    properties: {
      subnet: subResource(subnetIdOf('subnetName')),
      privateLinkServiceConnections: [
        { name: groupId, properties: { privateLinkServiceId: expression(id), groupIds: [groupId] } },
      ],
    },
  };
}

/** Registers the address of an endpoint in its zone. */
function zoneGroup({ name, zone: zoneKey }: Target, isNewZone: boolean): Resource {
  const zoneName = ZONES[zoneKey];
  const link = resourceId(`${ZONE}/virtualNetworkLinks`, zoneName, nameExpression('prefix'));
  const zoneId = isNewZone ? resourceId(ZONE, zoneName) : `${parameter('privateZoneIds')}.${zoneKey}`;
  return {
    type: `${ENDPOINT}/privateDnsZoneGroups`,
    name: expression(concat(name, stringLiteral('/default'))),
    dependsOn: [expression(resourceId(ENDPOINT, name)), ...(isNewZone ? [expression(link)] : [])],
    properties: {
      privateDnsZoneConfigs: [{ name: zoneKey, properties: { privateDnsZoneId: expression(zoneId) } }],
    },
  };
}

/** The four endpoints, their registration in the zones, and the zones with their links where the plan has them created. */
export function privateEndpointsTemplate({ network }: SitePlan): NestedTemplate {
  const { use } = network.privateDnsZones;
  return {
    name: 'private-endpoints',
    dependsOn: ['storage', 'databases', 'key-vault'],
    resources: [
      ...(use === 'create' ? Object.values(ZONES).flatMap(zone) : []),
      ...TARGETS.map(endpoint),
      ...(use === 'none' ? [] : TARGETS.map((target) => zoneGroup(target, use === 'create'))),
    ],
  };
}
