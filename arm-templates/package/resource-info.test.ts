/** What is accepted as resourceInfo.json of a site, and what is said of the rest. */
import { CONTEXT } from '../testing/context';
import { planOf, SUBSCRIPTION } from '../testing/plans';
import { namesOf } from '../template/names';
import { makeTemplate } from '../template/template';
import { resourceInfo, type ResourceInfo, resourceInfoFaults, RESOURCE_INFO_OUTPUTS } from './resource-info';

const plan = planOf();
const names = namesOf(plan, CONTEXT.suffix);
const expected = { siteId: CONTEXT.siteId, planFingerprint: CONTEXT.planFingerprint, plan, names };
const id = (type: string, name: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/${type}/${name}`;
const resource = (type: string, name: string) => ({ name, id: id(type, name) });

function good(): ResourceInfo {
  return {
    schemaVersion: 1,
    siteId: CONTEXT.siteId,
    planFingerprint: CONTEXT.planFingerprint,
    tenantId: SUBSCRIPTION,
    subscriptionId: SUBSCRIPTION,
    resourceGroupName: 'rg',
    region: 'eastus',
    machines: names.machines.map((name) => resource('Microsoft.Compute/virtualMachines', name)),
    shares: [1, 2, 3, 4, 5, 6].map((number) => `recordings${number}`),
    recordingsAccount: resource('Microsoft.Storage/storageAccounts', names.recordingsAccount),
    archiveAccount: {
      ...resource('Microsoft.Storage/storageAccounts', names.archiveAccount),
      share: 'archived-recordings',
    },
    databaseServer: {
      ...resource('Microsoft.Sql/servers', names.sqlServer),
      host: `${names.sqlServer}.database.windows.net`,
      databases: ['sessionrecording', 'sessionrecordinglogging'],
    },
    loadBalancer: { ...resource('Microsoft.Network/loadBalancers', names.loadBalancer), address: '20.1.2.3' },
    keyVault: resource('Microsoft.KeyVault/vaults', `${names.vault}2`),
    identity: resource('Microsoft.ManagedIdentity/userAssignedIdentities', names.identity),
  };
}

const faultsOf = (change: Partial<ResourceInfo>) =>
  resourceInfoFaults(resourceInfo.parse({ ...good(), ...change }), expected).map(
    ({ pointer, detail }) => `${pointer}: ${detail}`,
  );

it('accepts what the scripts write', () => {
  expect(faultsOf({})).toEqual([]);
  expect(Object.keys(makeTemplate(plan, CONTEXT).main.outputs).sort()).toEqual(
    [...RESOURCE_INFO_OUTPUTS].sort(),
  );
});

it('accepts ids in any case, as Azure gives them', () => {
  expect(faultsOf({ keyVault: { name: `${names.vault}2`, id: good().keyVault.id.toUpperCase() } })).toEqual(
    [],
  );
});

it('refuses a file of another site, or of another template of this site', () => {
  expect(faultsOf({ siteId: 'other' })).toEqual([expect.stringMatching('^/siteId: .*another site')]);
  expect(faultsOf({ planFingerprint: 'old' })).toEqual([expect.stringMatching('^/planFingerprint')]);
});

it('names machines that are missing, strange, repeated or under a false id', () => {
  const [first, second, third] = good().machines;
  if (!first || !second || !third) throw new Error('three machines are needed');
  expect(faultsOf({ machines: [first, third] })).toEqual(['/machines: The machine sr-ehs4bh2-1 is missing.']);
  const stranger = resource('Microsoft.Compute/virtualMachines', 'stranger');
  expect(faultsOf({ machines: [first, second, third, stranger] })).toEqual([
    '/machines/3: The machine stranger is not one of this site.',
  ]);
  expect(faultsOf({ machines: [first, second, third, first] })).toEqual([
    '/machines/3: The machine sr-ehs4bh2-0 is listed twice.',
  ]);
  const false_ = { ...third, id: third.id.replace(SUBSCRIPTION, '00000000-0000-0000-0000-000000000000') };
  expect(faultsOf({ machines: [first, second, false_] })).toEqual([
    '/machines/2/id: This is not the id of sr-ehs4bh2-2.',
  ]);
});

it.each([
  ['recordingsAccount', '/recordingsAccount/name'],
  ['databaseServer', '/databaseServer/name'],
  ['keyVault', '/keyVault/name'],
] as const)('names another %s', (field, pointer) => {
  expect(faultsOf({ [field]: { ...good()[field], name: 'other' } })).toEqual([
    expect.stringMatching(pointer),
  ]);
});

it('names what differs from the plan', () => {
  expect(faultsOf({ region: 'westeurope', shares: ['recordings1'] })).toEqual([
    expect.stringMatching('^/region'),
    expect.stringMatching('^/shares'),
  ]);
});
