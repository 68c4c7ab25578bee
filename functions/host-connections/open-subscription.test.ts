/** Subscriptions of host connections, opened against the local directory and Resource Manager. */
import { startTestAzure, type TestAzure } from '../../infra/local/azure/test-azure';
import { localSubscriptionId } from '../../infra/local/azure/login/directory-ids';
import { MemoryVault } from '../../tests/support/memory-vault';
import { testConfig } from '../../tests/support/test-services';
import { azureClient } from '../host-deployments/azure-client';
import { openSubscription } from './open-subscription';

let azure: TestAzure;
let vault: MemoryVault;

beforeAll(async () => {
  azure = await startTestAzure();
});
afterAll(() => azure.close());
beforeEach(() => {
  vault = new MemoryVault();
});

async function open() {
  const { tenantId, clientId } = azure.options.principal;
  const identity = { ...testConfig.identity, authorityHost: azure.loginUrl, disableInstanceDiscovery: true };
  const hostConnections = { resourceManagerUrl: azure.resourceManagerUrl };
  const services = { config: { ...testConfig, identity, hostConnections }, secrets: vault.store() };
  const ids = { subscriptionId: localSubscriptionId, tenantId, applicationId: clientId };
  return azureClient(await openSubscription(services, { ...ids, secretId: 'the-secret' }));
}

it('HST-1: signs in with the secret of the secret store', async () => {
  await vault.store().set('the-secret', azure.options.principal.clientSecret);
  await expect((await open()).test()).resolves.toBeUndefined();
});

it('HST-1: a wrong secret is refused with the code of Entra, by the first call', async () => {
  await vault.store().set('the-secret', 'guess');
  await expect((await open()).test()).rejects.toMatchObject({ status: 401, info: { code: 'AADSTS7000215' } });
});

it('HST-1: a missing secret is an error of its own', async () => {
  await expect(open()).rejects.toMatchObject({ status: 401, info: { code: 'ClientSecretMissing' } });
});
