/** remove.sh: what it removes, and in which order. */
import { execFileSync } from 'node:child_process';
import { choices, planOfChoice } from '../testing/matrix';
import { CONTEXT } from '../testing/context';
import { makeTemplate } from '../template/template';
import { REMOVED_TYPES, removalScript } from './removal-script';
import { typesOf } from './required-rights';

const templates = choices().map((choice) => makeTemplate(planOfChoice(choice), CONTEXT));

it('ARM-5: removes every resource that a template makes, but private DNS zones', () => {
  const made = typesOf(templates.flatMap(({ nested }) => [...nested.values()]));
  const topLevel = [...made].filter((type) => type.split('/').length === 2);
  const kept = topLevel.filter((type) => !REMOVED_TYPES.includes(type));
  // Roles and diagnostic settings go with the resource that they extend.
  expect(kept.sort()).toEqual([
    'Microsoft.Authorization/roleAssignments',
    'Microsoft.Insights/diagnosticSettings',
    'Microsoft.Network/privateDnsZones',
  ]);
});

it.each([
  ['Microsoft.Compute/virtualMachines', 'Microsoft.Network/networkInterfaces'],
  ['Microsoft.Network/networkInterfaces', 'Microsoft.Network/loadBalancers'],
  ['Microsoft.Network/networkInterfaces', 'Microsoft.Network/networkSecurityGroups'],
  ['Microsoft.Network/loadBalancers', 'Microsoft.Network/publicIPAddresses'],
  ['Microsoft.Network/dnsForwardingRulesets', 'Microsoft.Network/dnsResolvers/outboundEndpoints'],
  ['Microsoft.Network/dnsResolvers/outboundEndpoints', 'Microsoft.Network/dnsResolvers'],
  ['Microsoft.Network/privateEndpoints', 'Microsoft.Storage/storageAccounts'],
])('ARM-5: removes %s before %s, which it uses', (user, used) => {
  expect(REMOVED_TYPES.indexOf(user)).toBeLessThan(REMOVED_TYPES.indexOf(used));
});

it('is a script of bash', () => {
  for (const { names } of templates.slice(0, 1))
    execFileSync('bash', ['-n'], { input: removalScript(names) });
});
