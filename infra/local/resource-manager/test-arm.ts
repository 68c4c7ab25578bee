/** For tests: the stand-ins, the real SDK client for them, and templates. */
import { ResourceManagementClient } from '@azure/arm-resources';
import { type AzureOptions } from '../azure/azure';
import { localSubscriptionId } from '../azure/login/directory-ids';
import { startTestAzure, type TestAzure } from '../azure/test-azure';

export interface TestArm {
  azure: TestAzure;
  client: ResourceManagementClient;
  /** Sends a request with a token, as `GET /…`; paths of the subscription begin with `/resourceGroups` or the like. */
  send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; headers: Headers; body: unknown }>;
  close(): Promise<void>;
}

export async function startTestArm(overrides: Partial<AzureOptions> = {}): Promise<TestArm> {
  const azure = await startTestAzure({ deploymentWorkMilliseconds: 1, ...overrides });
  return testArm(azure);
}

export function testArm(azure: TestAzure): TestArm {
  const { resourceManagerUrl, credential } = azure;
  const scope = 'https://management.azure.com/.default';
  const client = new ResourceManagementClient(credential, localSubscriptionId, {
    endpoint: resourceManagerUrl,
    $host: resourceManagerUrl,
    credentialScopes: scope,
  });
  return {
    azure,
    client,
    send: async (method, path, body) => {
      const { token } = await credential.getToken(scope);
      const url = `${resourceManagerUrl}/subscriptions/${localSubscriptionId}${path}`;
      const response = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
    },
    close: () => azure.close(),
  };
}

/** A template with these members. */
export function templateOf(members: object): Record<string, unknown> {
  const $schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
  return { $schema, contentVersion: '1.0.0.0', resources: [], ...members };
}

/** A storage account as it stands in a template. */
export function accountResource(members: object = {}): object {
  return {
    type: 'Microsoft.Storage/storageAccounts',
    apiVersion: '2024-01-01',
    name: 'account1',
    location: '[resourceGroup().location]',
    sku: { name: 'Standard_LRS' },
    kind: 'StorageV2',
    ...members,
  };
}
