/** The rights that README.md names, and the parts beside the main template. */
import { CONTEXT } from '../testing/context';
import { choices, planOfChoice } from '../testing/matrix';
import { planOf, type PlanInput, SHARED_RULESET, SHARED_ZONES, subnet } from '../testing/plans';
import { makeTemplate } from '../template/template';
import { packageFiles } from './package';
import { requiredRights, typesOf } from './required-rights';

function rightsOf(change: Partial<PlanInput> = {}) {
  const plan = planOf(change);
  const { main, nested } = makeTemplate(plan, CONTEXT);
  return requiredRights(plan, [main, ...nested.values()]);
}

const NETWORKS = 'Microsoft.Network/virtualNetworks';

it('ARM-1: names reading and writing every type of resource in the template', () => {
  for (const choice of choices()) {
    const plan = planOfChoice(choice);
    const { main, nested } = makeTemplate(plan, CONTEXT);
    const { group } = requiredRights(plan, [main, ...nested.values()]);
    for (const type of typesOf([main, ...nested.values()]))
      expect(group).toEqual(expect.arrayContaining([`${type}/read`, `${type}/write`]));
  }
});

it('ARM-1: names what Azure checks on the network, by how the site is connected to it', () => {
  expect(rightsOf().network).toEqual([
    `${NETWORKS}/subnets/join/action`,
    `${NETWORKS}/subnets/joinViaServiceEndpoint/action`,
    `${NETWORKS}/subnets/read`,
  ]);
  const network = {
    subnetId: subnet('recording'),
    privateEndpoints: true,
    resolverSubnetId: subnet('resolver'),
  };
  expect(rightsOf({ network }).network).toEqual([
    `${NETWORKS}/join/action`,
    `${NETWORKS}/read`,
    `${NETWORKS}/subnets/join/action`,
    `${NETWORKS}/subnets/read`,
  ]);
});

it('ARM-1: names the rights outside of the resource group', () => {
  expect(rightsOf().subscription).toContain('Microsoft.KeyVault/locations/deletedVaults/read');
  expect(rightsOf().existing).toEqual([]);
  const network = {
    subnetId: subnet('recording'),
    privateEndpoints: true,
    privateDnsZones: { use: 'existing', ...SHARED_ZONES },
    forwardingRulesetId: SHARED_RULESET,
  } as const;
  expect(rightsOf({ network }).existing).toEqual([
    'Microsoft.Network/dnsForwardingRulesets/forwardingRules/read',
    'Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks/read',
    'Microsoft.Network/privateDnsZones/join/action',
    'Microsoft.Network/privateDnsZones/virtualNetworkLinks/read',
  ]);
});

it('ARM-5: names the deletion of everything that remove.sh removes', () => {
  const rights = (change: Partial<PlanInput> = {}) =>
    rightsOf(change).removal.map((action) => action.replace('Microsoft.', '').replace(/\/delete$/, ''));
  expect(rights()).toEqual([
    'Compute/availabilitySets',
    'Compute/disks',
    'Compute/virtualMachines',
    'KeyVault/vaults',
    'ManagedIdentity/userAssignedIdentities',
    'Network/loadBalancers',
    'Network/networkInterfaces',
    'Network/networkSecurityGroups',
    'Network/publicIPAddresses',
    'Sql/servers',
    'Storage/storageAccounts',
  ]);
  const network = {
    subnetId: subnet('recording'),
    privateEndpoints: true,
    resolverSubnetId: subnet('resolver'),
  };
  expect(rights({ network })).toEqual(
    expect.arrayContaining([
      'Network/dnsForwardingRulesets',
      'Network/dnsForwardingRulesets/forwardingRules',
      'Network/dnsForwardingRulesets/virtualNetworkLinks',
      'Network/dnsResolvers',
      'Network/dnsResolvers/outboundEndpoints',
      'Network/privateDnsZones/virtualNetworkLinks',
      'Network/privateEndpoints',
    ]),
  );
});

it('are all in the README', () => {
  const plan = planOf();
  const readme = packageFiles(plan, makeTemplate(plan, CONTEXT)).find(({ path }) => path === 'README.md');
  for (const action of Object.values(rightsOf()).flat()) expect(readme?.text).toContain(action);
});

it('ARM-1: holds the main template and each of its parts', () => {
  const plan = planOf();
  const template = makeTemplate(plan, CONTEXT);
  const files = new Map(packageFiles(plan, template).map(({ path, text }) => [path, text]));
  const parts = [...files.keys()].filter((path) => path.startsWith('template/'));
  expect(parts).toEqual([
    'template/main.json',
    ...[...template.nested.keys()].map((name) => `template/parts/${name}.json`),
  ]);
  const nested = template.main.resources as unknown as { properties: { template: object } }[];
  expect(parts.slice(1).map((path) => JSON.parse(files.get(path) ?? '') as object)).toEqual(
    nested.map(({ properties }) => JSON.parse(JSON.stringify(properties.template)) as object),
  );
});
