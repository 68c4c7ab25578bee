import path from 'node:path';
import { type AzureOptions, startAzure } from '../azure/azure';
import { prepareTestAzure, type TestAzure } from '../azure/test-azure';
import { faultClient } from '../azure/test-fault-client';
import { openDatabase } from '../stand-in-support/database';
import { createResourceStore, resourceManagerSchema, type ResourceStore } from './store';
import { accountResource, templateOf, testArm, type TestArm } from './test-arm';

let azure: TestAzure;
let arm: TestArm;
let options: AzureOptions;
beforeAll(async () => {
  azure = await prepareTestAzure({ deploymentWorkMilliseconds: 1 });
  options = azure.options;
  arm = testArm(azure);
});
afterAll(() => azure.close());

const quickly = { updateIntervalInMs: 20 };

/** The store behind the stand-in, while it does not run. */
function openedStore(): { store: ResourceStore; close: () => void } {
  const database = openDatabase(path.join(options.dataDir, 'azure.sqlite'), resourceManagerSchema);
  return { store: createResourceStore(database), close: () => void database.close() };
}

function deploy(name: string, resources: object[]) {
  const properties = { mode: 'Incremental' as const, template: templateOf({ resources }) };
  return arm.client.deployments.beginCreateOrUpdate('rg', name, { properties }, quickly);
}

it('resources and deployments are there after a restart', async () => {
  const first = await startAzure(options);
  const group = await arm.client.resourceGroups.createOrUpdate('rg', { location: 'westeurope' });
  await (await deploy('kept', [accountResource({ name: 'survivor' })])).pollUntilDone();
  await first.close();

  const second = await startAzure(options);
  expect((await arm.client.deployments.get('rg', 'kept')).properties?.provisioningState).toBe('Succeeded');
  const id = `${group.id}/providers/Microsoft.Storage/storageAccounts/survivor`;
  expect(await arm.client.resources.checkExistenceById(id, '2024-01-01')).toEqual({ body: true });
  await second.close();
});

it('a deployment in progress is marked as failed, since its secrets are gone', async () => {
  const { store, close } = openedStore();
  const [kept] = store.deployments.all();
  if (kept === undefined) throw new Error('There is no deployment.');
  const id = kept.id.replace(/kept$/, 'interrupted');
  const properties = { ...kept.properties, provisioningState: 'Running' as const };
  store.deployments.put(id, 'rg', { ...kept, id, name: 'interrupted', properties });
  close();

  const again = await startAzure(options);
  const { properties: after } = await arm.client.deployments.get('rg', 'interrupted');
  expect(after).toMatchObject({
    provisioningState: 'Failed',
    error: { details: [{ code: 'DeploymentInterrupted' }] },
  });
  await again.close();
});

it('the deletion of a resource group goes on', async () => {
  const { store, close } = openedStore();
  const group = store.groups.get('rg');
  if (group === undefined) throw new Error('There is no group.');
  store.groups.put('rg', '', { ...group, state: 'Deleting' });
  close();

  const again = await startAzure(options);
  let isThere = true;
  while (isThere) isThere = (await arm.client.resourceGroups.checkExistence('rg')).body;
  await again.close();
});

it('a resource group that cannot be emptied is kept, and reports what blocks it', async () => {
  const running = await startAzure(options);
  await arm.client.resourceGroups.createOrUpdate('rg', { location: 'westeurope' });
  await (
    await deploy('blocked', [accountResource({ name: 'stuck' }), accountResource({ name: 'loose' })])
  ).pollUntilDone();
  await faultClient(azure.loginUrl).inject({
    standIn: 'resourceManager',
    method: 'DELETE',
    path: '*/stuck',
    times: null,
    effect: { do: 'refuse', status: 409, code: 'ScopeLocked' },
  });
  const deletion = arm.client.resourceGroups.beginDeleteAndWait('rg', quickly);
  await expect(deletion).rejects.toMatchObject({
    code: 'ResourceGroupDeletionBlocked',
    details: { error: { details: [{ code: 'ScopeLocked' }] } },
  });
  await faultClient(azure.loginUrl).clear();
  await arm.client.resourceGroups.beginDeleteAndWait('rg', quickly);
  expect(await arm.client.resourceGroups.checkExistence('rg')).toEqual({ body: false });
  await running.close();
});
