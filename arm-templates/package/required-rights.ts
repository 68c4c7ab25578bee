/** The rights that a deployment needs, by the types of resources in its template. */
import type { SitePlan } from '../plan/site-plan';
import type { ResourceType, Template } from '../template/arm';
import { REMOVED_TYPES } from './removal-script';

/** Where an action is needed: in the resource group of the site, or on what is outside of it. */
export interface RequiredRights {
  group: string[];
  subscription: string[];
  network: string[];
  /** On private DNS zones, the forwarding ruleset and the workspace that the plan names. */
  existing: string[];
  /** In the resource group, for the script that removes the site. */
  removal: string[];
}

type Rights = Partial<RequiredRights>;

const SUBNET = 'Microsoft.Network/virtualNetworks/subnets';
const JOIN_SUBNET: Rights = { network: [`${SUBNET}/read`, `${SUBNET}/join/action`] };
const JOIN_NETWORK: Rights = {
  network: ['Microsoft.Network/virtualNetworks/read', 'Microsoft.Network/virtualNetworks/join/action'],
};
const APPROVE = 'privateEndpointConnectionsApproval/action';

/** Of every type: reading and writing it. */
const readAndWrite = (type: ResourceType): string[] => [`${type}/read`, `${type}/write`];

/** What each type needs beyond reading and writing it; `access` says how the network is reached. */
const FURTHER: Record<ResourceType, (access: { endpoints: boolean; zones: string }) => Rights> = {
  'Microsoft.Authorization/roleAssignments': () => ({}),
  'Microsoft.Compute/availabilitySets': () => ({}),
  'Microsoft.Compute/virtualMachines': () => ({
    group: [
      'Microsoft.Compute/disks/read',
      'Microsoft.Compute/disks/write',
      'Microsoft.Network/networkInterfaces/join/action',
      'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
    ],
  }),
  'Microsoft.Compute/virtualMachines/extensions': () => ({}),
  'Microsoft.Compute/virtualMachines/runCommands': () => ({
    group: ['Microsoft.Compute/virtualMachines/runCommands/delete'],
  }),
  'Microsoft.Insights/diagnosticSettings': () => ({
    existing: [
      'Microsoft.OperationalInsights/workspaces/read',
      'Microsoft.OperationalInsights/workspaces/sharedKeys/action',
    ],
  }),
  'Microsoft.KeyVault/vaults': ({ endpoints }) => ({
    subscription: ['Microsoft.KeyVault/locations/deletedVaults/read'],
    ...(endpoints
      ? { group: [`Microsoft.KeyVault/vaults/${APPROVE}`] }
      : { network: [`${SUBNET}/joinViaServiceEndpoint/action`] }),
  }),
  'Microsoft.KeyVault/vaults/secrets': () => ({}),
  'Microsoft.ManagedIdentity/userAssignedIdentities': () => ({}),
  'Microsoft.Network/dnsForwardingRulesets': () => ({
    group: ['Microsoft.Network/dnsResolvers/outboundEndpoints/join/action'],
  }),
  'Microsoft.Network/dnsForwardingRulesets/forwardingRules': () => ({}),
  'Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks': () => JOIN_NETWORK,
  'Microsoft.Network/dnsResolvers': () => JOIN_NETWORK,
  'Microsoft.Network/dnsResolvers/outboundEndpoints': () => JOIN_SUBNET,
  'Microsoft.Network/loadBalancers': () => ({ network: [`${SUBNET}/join/action`] }),
  'Microsoft.Network/networkInterfaces': () => ({
    ...JOIN_SUBNET,
    group: [
      'Microsoft.Network/networkSecurityGroups/join/action',
      'Microsoft.Network/loadBalancers/backendAddressPools/join/action',
    ],
  }),
  'Microsoft.Network/networkSecurityGroups': () => ({}),
  'Microsoft.Network/privateDnsZones': () => ({
    subscription: [
      'Microsoft.Network/privateDnsZones/read',
      'Microsoft.Network/privateDnsZones/virtualNetworkLinks/read',
    ],
  }),
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': () => JOIN_NETWORK,
  'Microsoft.Network/privateEndpoints': () => JOIN_SUBNET,
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': ({ zones }) => ({
    [zones === 'existing' ? 'existing' : 'group']: [
      'Microsoft.Network/privateDnsZones/join/action',
      ...(zones === 'existing' ? ['Microsoft.Network/privateDnsZones/virtualNetworkLinks/read'] : []),
    ],
  }),
  'Microsoft.Network/publicIPAddresses': () => ({
    group: ['Microsoft.Network/publicIPAddresses/join/action'],
  }),
  'Microsoft.Resources/deployments': () => ({
    group: [
      'Microsoft.Resources/deployments/validate/action',
      'Microsoft.Resources/deployments/operations/read',
      'Microsoft.Resources/deployments/operationstatuses/read',
      'Microsoft.Resources/tags/write',
    ],
    subscription: [
      'Microsoft.Resources/subscriptions/read',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Resources/subscriptions/resourceGroups/write',
    ],
  }),
  'Microsoft.Sql/servers': ({ endpoints }) => ({
    ...(endpoints ? { group: [`Microsoft.Sql/servers/${APPROVE}`] } : {}),
  }),
  'Microsoft.Sql/servers/auditingSettings': () => ({}),
  'Microsoft.Sql/servers/databases': () => ({}),
  'Microsoft.Sql/servers/virtualNetworkRules': () => ({
    network: [`${SUBNET}/joinViaServiceEndpoint/action`],
  }),
  'Microsoft.Storage/storageAccounts': ({ endpoints }) => ({
    group: [
      'Microsoft.Storage/storageAccounts/listkeys/action',
      ...(endpoints ? [`Microsoft.Storage/storageAccounts/${APPROVE}`] : []),
    ],
    ...(endpoints ? {} : { network: [`${SUBNET}/joinViaServiceEndpoint/action`] }),
  }),
  'Microsoft.Storage/storageAccounts/fileServices': () => ({}),
  'Microsoft.Storage/storageAccounts/fileServices/shares': () => ({}),
};

/** The types of a template and of those nested in it. */
export function typesOf(templates: Iterable<Template>): Set<ResourceType> {
  const types = new Set<ResourceType>();
  for (const { resources } of templates)
    for (const resource of resources) types.add((resource as { type: ResourceType }).type);
  return types;
}

/** What is made with another resource and removed by itself, and what a ruleset must lose before it can be removed. */
const REMOVED_WITH: Partial<Record<ResourceType, readonly string[]>> = {
  'Microsoft.Compute/virtualMachines': ['Microsoft.Compute/disks'],
  'Microsoft.Network/dnsForwardingRulesets': [
    'Microsoft.Network/dnsForwardingRulesets/forwardingRules',
    'Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks',
  ],
};

/** The rights to remove resources of these types, as the script does. */
function removalRights(types: ReadonlySet<ResourceType>): string[] {
  const removed = [...types].filter((type) => REMOVED_TYPES.includes(type));
  return removed
    .flatMap((type) => [type, ...(REMOVED_WITH[type] ?? [])])
    .map((type) => `${type}/delete`)
    .sort();
}

/** The actions that the deployment of a plan and its removal need; sorted, each once. */
export function requiredRights(plan: SitePlan, templates: Iterable<Template>): RequiredRights {
  const { privateEndpoints, privateDnsZones, forwardingRulesetId } = plan.network;
  const access = { endpoints: privateEndpoints, zones: privateDnsZones.use };
  const types = typesOf(templates);
  const parts: Rights[] = [...types].flatMap((type) => [
    { group: readAndWrite(type) },
    FURTHER[type](access),
  ]);
  if (forwardingRulesetId !== undefined)
    parts.push({
      existing: [
        'Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks/read',
        'Microsoft.Network/dnsForwardingRulesets/forwardingRules/read',
      ],
    });
  // Every script reads the subnet before it deploys.
  parts.push({ network: [`${SUBNET}/read`] });
  const all = (key: keyof RequiredRights) => [...new Set(parts.flatMap((part) => part[key] ?? []))].sort();
  return {
    group: all('group'),
    subscription: all('subscription'),
    network: all('network'),
    existing: all('existing'),
    removal: removalRights(types),
  };
}

/** The actions that any plan can need, for its deployment and its removal; sorted, each once. */
export function everyRight(): string[] {
  const types = Object.keys(FURTHER) as ResourceType[];
  const accesses = [true, false].flatMap((endpoints) =>
    ['create', 'existing'].map((zones) => ({ endpoints, zones })),
  );
  const further = types.flatMap((type) => accesses.map((access) => FURTHER[type](access)));
  const existing = [
    'Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks/read',
    'Microsoft.Network/dnsForwardingRulesets/forwardingRules/read',
    `${SUBNET}/read`,
  ];
  const actions = [
    ...types.flatMap(readAndWrite),
    ...further.flatMap((rights) => Object.values(rights).flat()),
    ...existing,
    ...removalRights(new Set(types)),
  ];
  return [...new Set(actions)].sort();
}
