/** Deployments by the service itself, against the local Resource Manager with the clients of Azure. */
import { CONTEXT } from '../../arm-templates/testing/context';
import { makePfx, PFX_PASSWORD } from '../../arm-templates/testing/certificates';
import { planOf } from '../../arm-templates/testing/plans';

import { advance } from '../../functions/host-deployments/advance-deployment';
import type { AzureAccess } from '../../functions/host-deployments/azure-access';
import { azureClient } from '../../functions/host-deployments/azure-client';
import { type Deployment, DEPLOYMENT_TAG, newDeployment } from '../../functions/host-deployments/deployment';
import { hasEnded } from '../../functions/host-deployments/deployment-states';
import { withEvent } from '../../functions/host-deployments/enter-state';
import { localSubscriptionId } from '../../infra/local/azure/login/directory-ids';
import { startTestArm, type TestArm } from '../../infra/local/resource-manager/test-arm';

const NETWORK = `/subscriptions/${localSubscriptionId}/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/hub`;
const PLAN = planOf({ network: { subnetId: `${NETWORK}/subnets/recording` } });
const SECRETS = {
  domainPassword: 'domain "quoted" $password',
  vmAdminPassword: "Machine's-Passw0rd",
  sqlAdminPassword: 'Sql;Passw0rd`1',
  certificate: makePfx(),
  certificatePassword: PFX_PASSWORD,
  enrolmentToken: 'enrolment-token-of-the-site',
};

let arm: TestArm;
let azure: AzureAccess;

beforeAll(async () => {
  arm = await startTestArm();
  const { credential, resourceManagerUrl: endpoint } = arm.azure;
  azure = azureClient({ subscriptionId: localSubscriptionId, credential, endpoint });
  const services = ['Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.KeyVault'];
  const addressPrefix = '10.1.0.0/24';
  const serviceEndpoints = services.map((service) => ({ service }));
  const subnets = [{ name: 'recording', properties: { addressPrefix, serviceEndpoints } }];
  const properties = { addressSpace: { addressPrefixes: ['10.1.0.0/16'] }, subnets };
  const path = NETWORK.slice(`/subscriptions/${localSubscriptionId}`.length);
  const location = PLAN.region;
  await arm.send('PUT', '/resourceGroups/network-rg?api-version=2021-04-01', { location });
  await arm.send('PUT', `${path}?api-version=2024-05-01`, { location, properties });
});

afterAll(() => arm.close());

/** Plays a deployment to its end; its machines register when their command was requested. */
async function play(
  name: string,
  { secrets = SECRETS, cancelIn }: { secrets?: Record<string, string>; cancelIn?: Deployment['state'] } = {},
): Promise<Deployment> {
  const suffix = name.padEnd(7, '0');
  const machineNames = [0, 1, 2].map((index) => `sr-${suffix}-${index}`);
  const document = newDeployment(
    {
      ...{
        id: `01990000-0000-7000-8000-0000${suffix}`,
        siteId: CONTEXT.siteId,
        hostConnectionId: 'connection',
      },
      ...{
        plan: PLAN,
        planFingerprint: 'print',
        suffix,
        taskId: 'task',
        groupName: `${name}-rg`,
        machineNames,
      },
      initiator: { id: 'a', name: 'Ada', kind: 'full' },
    },
    new Date(),
  );
  return playOn(document, { secrets, cancelIn });
}

/** Plays it on to its end. */
async function playOn(
  start: Deployment,
  {
    secrets = SECRETS,
    cancelIn,
  }: { secrets?: Record<string, string>; cancelIn?: Deployment['state'] | undefined } = {},
): Promise<Deployment> {
  let document = start;
  const machineNames = document.machines.map(({ name }) => name);
  const registered = new Set<string>();
  const watched: AzureAccess = {
    ...azure,
    putRunCommand: async (group, machine, ...rest) => {
      await azure.putRunCommand(group, machine, ...rest);
      registered.add(machine);
    },
  };
  while (!hasEnded(document.state)) {
    if (document.state === cancelIn && document.templateTries > 0)
      document = { ...document, cancelRequest: { at: new Date().toISOString(), by: 'Ada' } };
    const pause = await advance({
      openAzure: async () => watched,
      source: CONTEXT,
      secrets: async () => secrets,
      servers: async () =>
        machineNames.map((machine) => {
          const isRegistered = registered.has(machine);
          return { name: machine, isRegistered, status: isRegistered ? 'available' : 'setupInProgress' };
        }),
      installServer: async () => ({ state: 'done' }),
      now: () => new Date(),
      store: {
        change: async (next) => (document = JSON.parse(JSON.stringify(next(document))) as Deployment),
      },
    });
    if (pause !== 'end' && pause !== 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return document;
}

it('HST-2: a site is deployed by the generator of the download, machine by machine, until its servers are available', async () => {
  const ended = await play('good');
  expect(ended).toMatchObject({ state: 'available', leftovers: [] });
  expect(ended.error).toBeUndefined();
  expect(ended.history.map(({ state }) => state)).toEqual([
    'testingConnection',
    'creatingResourceGroup',
    'checkingResources',
    'deployingResources',
    'settingUpMachines',
    'installingServers',
    'waitingForServers',
    'available',
  ]);
  expect(ended.outputs?.['identityClientId']).toMatch(/^[0-9a-f-]{36}$/);
  expect(ended.resources.map(({ type }) => type)).toEqual(
    expect.arrayContaining([
      'Microsoft.Compute/virtualMachines',
      'Microsoft.Sql/servers',
      'Microsoft.KeyVault/vaults',
    ]),
  );
  expect(await azure.readGroup('good-rg')).toMatchObject({ tags: { [DEPLOYMENT_TAG]: ended.id } });
  expect(JSON.stringify(ended)).not.toContain(SECRETS.vmAdminPassword);
}, 30_000);

it('HST-3: the reason of Azure and what was made are shown; a cancellation deletes it, and the vault keeps its name', async () => {
  const failed = await play('weak', { secrets: { ...SECRETS, vmAdminPassword: 'weak-password' } });
  expect(failed.state).toBe('failed');
  expect(JSON.stringify(failed.error)).toMatch(/password/i);
  expect(await azure.readGroup('weak-rg')).toMatchObject({ tags: { [DEPLOYMENT_TAG]: failed.id } });
  expect(failed.resources.map(({ type }) => type)).toContain('Microsoft.KeyVault/vaults');

  const ended = await playOn(withEvent(failed, 'cancelRequested', new Date()));
  expect(ended.state).toBe('canceled');
  expect(await azure.readGroup('weak-rg')).toBeUndefined();
  const deleted = await azure.listDeletedVaults();
  expect(ended.leftovers.map(({ id }) => id.split('/').at(-1))).toEqual(
    deleted.filter((vault) => vault.startsWith('sr-weak')),
  );
}, 30_000);

it('HST-3: a deployment that is canceled while Azure works leaves nothing but the name of its vault', async () => {
  const ended = await play('stop', { cancelIn: 'settingUpMachines' });
  expect(ended.state).toBe('canceled');
  expect(await azure.readGroup('stop-rg')).toBeUndefined();
}, 30_000);

it('HST-2: a wrong connection is refused with the words of Azure, and nothing is made', async () => {
  const credential = {
    getToken: async () => ({ token: 'not-a-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const endpoint = arm.azure.resourceManagerUrl;
  const wrong = azureClient({ subscriptionId: localSubscriptionId, credential, endpoint });
  await expect(wrong.test()).rejects.toMatchObject({
    status: 401,
    info: { code: 'InvalidAuthenticationToken' },
  });
});
