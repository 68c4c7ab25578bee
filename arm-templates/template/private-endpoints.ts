/** Private endpoints of storage, databases and vault, and the zones in which their names are found. */
import { concat, evaluated, quoted, type Resource, resourceId } from './arm';
import { nameOf, vaultName } from './names';
import { idOf, LOCATION, type Part, subnetIdOf, TAGS, VIRTUAL_NETWORK_ID } from './part';

const ZONE = 'Microsoft.Network/privateDnsZones';
const ENDPOINT = 'Microsoft.Network/privateEndpoints';

/**
 * Names of zones, made of the cloud's own suffixes:
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
  name: concat(nameOf(key), quoted('-pe')),
  id: resourceId('Microsoft.Storage/storageAccounts', nameOf(key)),
  groupId: 'file',
  zone: 'file',
});

const TARGETS: readonly Target[] = [
  account('recordingsAccount'),
  account('archiveAccount'),
  {
    name: concat(nameOf('sqlServer'), quoted('-pe')),
    id: resourceId('Microsoft.Sql/servers', nameOf('sqlServer')),
    groupId: 'sqlServer',
    zone: 'sql',
  },
  {
    name: concat(nameOf('vault'), quoted('-pe')),
    id: resourceId('Microsoft.KeyVault/vaults', vaultName),
    groupId: 'vault',
    zone: 'vault',
  },
];

/** Private zones refuse some tags that everything else takes: these resources carry none. */
function zone(name: string): Resource[] {
  return [
    { type: ZONE, name: evaluated(name), location: 'global', properties: {} },
    {
      type: `${ZONE}/virtualNetworkLinks`,
      name: evaluated(concat(name, quoted('/'), nameOf('prefix'))),
      location: 'global',
      dependsOn: [evaluated(resourceId(ZONE, name))],
      properties: { registrationEnabled: false, virtualNetwork: idOf(VIRTUAL_NETWORK_ID) },
    },
  ];
}

function endpoint({ name, id, groupId, zone: zoneKey }: Target): Resource[] {
  const zoneName = ZONES[zoneKey];
  return [
    {
      type: ENDPOINT,
      name: evaluated(name),
      location: LOCATION,
      tags: TAGS,
      properties: {
        subnet: idOf(subnetIdOf('subnetName')),
        privateLinkServiceConnections: [
          { name: groupId, properties: { privateLinkServiceId: evaluated(id), groupIds: [groupId] } },
        ],
      },
    },
    {
      type: `${ENDPOINT}/privateDnsZoneGroups`,
      name: evaluated(concat(name, quoted('/default'))),
      dependsOn: [
        evaluated(resourceId(ENDPOINT, name)),
        evaluated(resourceId(`${ZONE}/virtualNetworkLinks`, zoneName, nameOf('prefix'))),
      ],
      properties: {
        privateDnsZoneConfigs: [
          { name: zoneKey, properties: { privateDnsZoneId: evaluated(resourceId(ZONE, zoneName)) } },
        ],
      },
    },
  ];
}

/** Zones with their links, and the four endpoints. */
export function privateEndpointsPart(): Part {
  return {
    name: 'private-endpoints',
    after: ['storage', 'databases', 'key-vault'],
    resources: [...Object.values(ZONES).flatMap(zone), ...TARGETS.flatMap(endpoint)],
  };
}
