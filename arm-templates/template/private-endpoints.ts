/** Private endpoints of storage, databases and key vault, and the private DNS zones that resolve their names. */
import { concat, expression, stringLiteral, type Resource, resourceId } from './arm';
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

function endpoint({ name, id, groupId, zone: zoneKey }: Target): Resource[] {
  const zoneName = ZONES[zoneKey];
  return [
    {
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
    },
    {
      type: `${ENDPOINT}/privateDnsZoneGroups`,
      name: expression(concat(name, stringLiteral('/default'))),
      dependsOn: [
        expression(resourceId(ENDPOINT, name)),
        expression(resourceId(`${ZONE}/virtualNetworkLinks`, zoneName, nameExpression('prefix'))),
      ],
      properties: {
        privateDnsZoneConfigs: [
          { name: zoneKey, properties: { privateDnsZoneId: expression(resourceId(ZONE, zoneName)) } },
        ],
      },
    },
  ];
}

/** The zones with their links, and the four endpoints. */
export function privateEndpointsTemplate(): NestedTemplate {
  return {
    name: 'private-endpoints',
    dependsOn: ['storage', 'databases', 'key-vault'],
    resources: [...Object.values(ZONES).flatMap(zone), ...TARGETS.flatMap(endpoint)],
  };
}
