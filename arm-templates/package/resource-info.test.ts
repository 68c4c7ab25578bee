/** Which resourceInfo.json files a site accepts, and what is reported for the others. */
import { CONTEXT } from '../testing/context';
import { planOf, SUBSCRIPTION } from '../testing/plans';
import { resourceNames } from '../template/resource-names';
import { makeTemplate } from '../template/template';
import {
  resourceInfo,
  type ResourceInfo,
  resourceInfoMismatches,
  RESOURCE_INFO_OUTPUTS,
} from './resource-info';

const plan = planOf();
const names = resourceNames(plan, CONTEXT.suffix);
const expected = { siteId: CONTEXT.siteId, planFingerprint: CONTEXT.planFingerprint, plan, names };
const id = (type: string, name: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/${type}/${name}`;
const resource = (type: string, name: string) => ({ name, id: id(type, name) });

function validInfo(): ResourceInfo {
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

const mismatchesOf = (change: Partial<ResourceInfo>) =>
  resourceInfoMismatches(resourceInfo.parse({ ...validInfo(), ...change }), expected).map(
    ({ pointer, detail }) => `${pointer}: ${detail}`,
  );

it('accepts what the scripts write', () => {
  expect(mismatchesOf({})).toEqual([]);
  expect(Object.keys(makeTemplate(plan, CONTEXT).main.outputs).sort()).toEqual(
    [...RESOURCE_INFO_OUTPUTS].sort(),
  );
});

it('accepts ids in any case, as Azure returns them', () => {
  expect(
    mismatchesOf({ keyVault: { name: `${names.vault}2`, id: validInfo().keyVault.id.toUpperCase() } }),
  ).toEqual([]);
});

it('ARM-4: rejects a file of another site, or of another template of this site', () => {
  expect(mismatchesOf({ siteId: 'other' })).toEqual([expect.stringMatching('^/siteId: .*another site')]);
  expect(mismatchesOf({ planFingerprint: 'old' })).toEqual([expect.stringMatching('^/planFingerprint')]);
});

it('ARM-4: reports machines that are missing, unknown, duplicated or have a wrong id', () => {
  const [first, second, third] = validInfo().machines;
  if (!first || !second || !third) throw new Error('three machines are needed');
  expect(mismatchesOf({ machines: [first, third] })).toEqual([
    '/machines: The machine sr-ehs4bh2-1 is missing.',
  ]);
  const unknownMachine = resource('Microsoft.Compute/virtualMachines', 'unknown');
  expect(mismatchesOf({ machines: [first, second, third, unknownMachine] })).toEqual([
    '/machines/3: The machine unknown does not belong to this site.',
  ]);
  expect(mismatchesOf({ machines: [first, second, third, first] })).toEqual([
    '/machines/3: The machine sr-ehs4bh2-0 is listed twice.',
  ]);
  const wrongId = { ...third, id: third.id.replace(SUBSCRIPTION, '00000000-0000-0000-0000-000000000000') };
  expect(mismatchesOf({ machines: [first, second, wrongId] })).toEqual([
    '/machines/2/id: This is not the id of sr-ehs4bh2-2.',
  ]);
});

it.each([
  ['recordingsAccount', '/recordingsAccount/name'],
  ['databaseServer', '/databaseServer/name'],
  ['keyVault', '/keyVault/name'],
] as const)('reports another %s', (field, pointer) => {
  expect(mismatchesOf({ [field]: { ...validInfo()[field], name: 'other' } })).toEqual([
    expect.stringMatching(pointer),
  ]);
});

it('reports what differs from the plan', () => {
  expect(mismatchesOf({ region: 'westeurope', shares: ['recordings1'] })).toEqual([
    expect.stringMatching('^/region'),
    expect.stringMatching('^/shares'),
  ]);
});
