import { startTestArm, type TestArm } from '../test-arm';

let arm: TestArm;
beforeAll(async () => {
  arm = await startTestArm();
});
afterAll(() => arm.close());

const quickly = { updateIntervalInMs: 20 };
const STORAGE = '2024-01-01';
const account = { location: 'westeurope', sku: { name: 'Standard_LRS' }, kind: 'StorageV2' };

function putResource(group: string, type: string, name: string, apiVersion: string, body: object) {
  const [namespace = '', ...rest] = type.split('/');
  const id = `/subscriptions/${arm.client.subscriptionId}/resourceGroups/${group}/providers/${namespace}/${rest.join('/')}/${name}`;
  return arm.client.resources.beginCreateOrUpdateByIdAndWait(id, apiVersion, body, quickly);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('resource groups', () => {
  it('are made, changed, listed by tag, found whatever the letter case, and deleted with all that is in them', async () => {
    const { resourceGroups } = arm.client;
    await resourceGroups.createOrUpdate('Groups', { location: 'West Europe', tags: { site: 'a' } });
    expect(await resourceGroups.get('gRoUps')).toMatchObject({
      name: 'Groups',
      location: 'westeurope',
      tags: { site: 'a' },
    });
    await resourceGroups.update('groups', { tags: { site: 'b' } });
    const filter = "tagName eq 'site' and tagValue eq 'b'";
    expect((await collect(resourceGroups.list({ filter }))).map(({ name }) => name)).toEqual(['Groups']);
    expect(await collect(resourceGroups.list({ filter: "tagName eq 'site' and tagValue eq 'a'" }))).toEqual(
      [],
    );
    await putResource('groups', 'Microsoft.Storage/storageAccounts', 'ingroup', STORAGE, account);
    await resourceGroups.beginDeleteAndWait('groups', quickly);
    expect(await resourceGroups.checkExistence('groups')).toEqual({ body: false });
    expect(await collect(arm.client.resources.list())).toEqual([]);
  });

  it('that are missing, misplaced or misnamed are refused', async () => {
    const { resourceGroups } = arm.client;
    await expect(resourceGroups.get('nowhere')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceGroupNotFound',
    });
    await expect(resourceGroups.createOrUpdate('g', { location: 'atlantis' })).rejects.toMatchObject({
      code: 'LocationNotAvailableForResourceGroup',
    });
    await expect(resourceGroups.createOrUpdate('ends.', { location: 'eastus' })).rejects.toMatchObject({
      code: 'InvalidResourceGroupName',
    });
    await resourceGroups.createOrUpdate('fixed', { location: 'eastus' });
    await expect(resourceGroups.createOrUpdate('fixed', { location: 'westus' })).rejects.toMatchObject({
      statusCode: 409,
      code: 'InvalidResourceGroupLocation',
    });
  });
});

describe('resources', () => {
  beforeAll(() => arm.client.resourceGroups.createOrUpdate('rg', { location: 'westeurope' }));

  it('are made while others wait for them, changed, found by any letter case and deleted', async () => {
    const made = await putResource('rg', 'Microsoft.Storage/storageAccounts', 'single', STORAGE, account);
    expect(made).toMatchObject({ name: 'single', properties: { provisioningState: 'Succeeded' } });
    const id = made.id ?? '';
    await arm.client.resources.beginUpdateByIdAndWait(id, STORAGE, { tags: { a: 'b' } }, quickly);
    const found = await arm.send(
      'GET',
      `/RESOURCEGROUPS/RG/Providers/microsoft.storage/STORAGEACCOUNTS/Single?api-version=${STORAGE}`,
    );
    expect(found.body).toMatchObject({ id, tags: { a: 'b' }, kind: 'StorageV2' });
    const filter = "resourceType eq 'Microsoft.Storage/storageAccounts'";
    expect(await collect(arm.client.resources.listByResourceGroup('rg', { filter }))).toMatchObject([
      { name: 'single' },
    ]);
    await arm.client.resources.beginDeleteByIdAndWait(id, STORAGE, quickly);
    await expect(arm.client.resources.getById(id, STORAGE)).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('report that they are being created, with the polling address', async () => {
    const path = `/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/awaited?api-version=${STORAGE}`;
    const accepted = await arm.send('PUT', path, account);
    expect(accepted).toMatchObject({ status: 201, body: { properties: { provisioningState: 'Creating' } } });
    expect(accepted.headers.get('azure-asyncoperation')).toContain(
      '/providers/Microsoft.Storage/locations/westeurope/operations/',
    );
    expect(accepted.headers.get('retry-after')).toBe('1');
    expect(accepted.headers.get('x-ms-correlation-request-id')).toMatch(/^[-0-9a-f]{36}$/);
  });

  it('that are parts of others are read, written and listed on their own', async () => {
    const network = {
      location: 'westeurope',
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [{ name: 'one', properties: { addressPrefix: '10.0.0.0/24' } }],
      },
    };
    const made = await putResource('rg', 'Microsoft.Network/virtualNetworks', 'net', '2025-05-01', network);
    const subnet = `${made.id}/subnets/two`;
    await arm.client.resources.beginCreateOrUpdateByIdAndWait(
      subnet,
      '2025-05-01',
      { properties: { addressPrefix: '10.0.1.0/24' } },
      quickly,
    );
    const listed = await arm.send(
      'GET',
      '/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets?api-version=2025-05-01',
    );
    expect(listed.body).toMatchObject({ value: [{ name: 'one' }, { name: 'two', id: subnet }] });
    const all = await arm.send('GET', '/providers/Microsoft.Network/virtualNetworks?api-version=2025-05-01');
    expect(all.body).toMatchObject({
      value: [{ name: 'net', properties: { subnets: [{ name: 'one' }, { name: 'two' }] } }],
    });
    await arm.client.resources.beginDeleteByIdAndWait(subnet, '2025-05-01', quickly);
    expect(await arm.client.resources.checkExistenceById(subnet, '2025-05-01')).toEqual({ body: false });
  });

  it.each<[string, string, object | undefined, number, string]>([
    [
      'an unknown API version',
      '/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x?api-version=2001-01-01',
      account,
      400,
      'NoRegisteredProviderFound',
    ],
    [
      'no API version',
      '/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x',
      account,
      400,
      'MissingApiVersionParameter',
    ],
    [
      'an unknown API version of Resource Manager itself',
      '/resourceGroups/rg?api-version=2001-01-01',
      { location: 'eastus' },
      400,
      'InvalidApiVersionParameter',
    ],
    [
      'no location',
      `/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x?api-version=${STORAGE}`,
      {},
      400,
      'LocationRequired',
    ],
    [
      'a location that there is not',
      `/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x?api-version=${STORAGE}`,
      { ...account, location: 'moon' },
      400,
      'LocationNotAvailableForResourceType',
    ],
    [
      'a parent that is missing',
      `/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/none/fileServices/default?api-version=${STORAGE}`,
      {},
      404,
      'ParentResourceNotFound',
    ],
    [
      'a group that is missing',
      `/resourceGroups/none/providers/Microsoft.Storage/storageAccounts/x?api-version=${STORAGE}`,
      account,
      404,
      'ResourceGroupNotFound',
    ],
    [
      'a body that is no JSON',
      `/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x?api-version=${STORAGE}`,
      undefined,
      400,
      'InvalidRequestContent',
    ],
    [
      'a deployment to the subscription',
      '/providers/Microsoft.Resources/deployments/x?api-version=2024-03-01',
      {},
      501,
      'NotImplemented',
    ],
  ])('with %s are refused', async (_, path, body, status, code) => {
    expect(await arm.send('PUT', path, body ?? '{"a":')).toMatchObject({ status, body: { error: { code } } });
  });
});

describe('the subscription', () => {
  it('is the only one, and returns its regions, providers and permissions', async () => {
    expect(await arm.send('GET', '?api-version=2022-12-01')).toMatchObject({
      body: { subscriptionId: arm.client.subscriptionId, state: 'Enabled' },
    });
    const regions = await arm.send('GET', '/locations?api-version=2022-12-01');
    expect(regions.body).toMatchObject({
      value: expect.arrayContaining([
        expect.objectContaining({ name: 'westeurope', displayName: 'West Europe' }),
      ]) as object,
    });
    const provider = await arm.client.providers.get('microsoft.storage');
    expect(
      provider.resourceTypes?.find(({ resourceType }) => resourceType === 'storageAccounts')?.apiVersions,
    ).toContain(STORAGE);
    const permissions = await arm.send(
      'GET',
      '/providers/Microsoft.Authorization/permissions?api-version=2022-04-01',
    );
    expect(permissions.body).toMatchObject({ value: [{ actions: ['*'] }] });
  });

  it('is asked for by its own id', async () => {
    const { token } = await arm.azure.credential.getToken('https://management.azure.com/.default');
    const other = `${arm.azure.resourceManagerUrl}/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups?api-version=2024-03-01`;
    const response = await fetch(other, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'SubscriptionNotFound' } });
  });
});

describe('tokens', () => {
  const ask = async (authorization?: string) => {
    const url = `${arm.azure.resourceManagerUrl}/subscriptions?api-version=2022-12-01`;
    const response = await fetch(url, { headers: authorization === undefined ? {} : { authorization } });
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      body: (await response.json()) as object,
    };
  };

  it('are asked for, with the address where they are to be had', async () => {
    const { status, challenge, body } = await ask();
    expect({ status, body }).toMatchObject({
      status: 401,
      body: { error: { code: 'AuthenticationFailed' } },
    });
    expect(challenge).toContain(`${arm.azure.loginUrl}/${arm.azure.options.principal.tenantId}`);
  });

  it('must be for Resource Manager, and real', async () => {
    const { token } = await arm.azure.credential.getToken('https://vault.azure.net/.default');
    expect((await ask(`Bearer ${token}`)).body).toMatchObject({
      error: { code: 'InvalidAuthenticationTokenAudience' },
    });
    expect((await ask('Bearer x.y.z')).body).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
  });
});
