/** Host connections through the API, against the local directory and Resource Manager. */
import { randomUUID } from 'node:crypto';
import { identitiesOf, objectIdOfIdentity } from '../../infra/local/access/identities';
import { localSubscriptionId } from '../../infra/local/azure/login/directory-ids';
import { startTestAzure, type TestAzure } from '../../infra/local/azure/test-azure';
import { testArm } from '../../infra/local/resource-manager/test-arm';
import { serviceActions } from '../../arm-templates/package/service-role';
import type { Services } from '../../shared/services';
import { removeOverdueSecrets } from '../../shared/secrets/temporary-secret';
import { lineLog } from '../../shared/telemetry/telemetry';
import { call, type TestRequest } from '../../tests/support/call';
import { auditLog } from '../../tests/support/logs';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { azureClient } from '../host-deployments/azure-client';
import { secretStatus } from './host-connection';
import {
  findHostConnection,
  hostConnectionOperations,
  type HostConnectionUser,
  openSubscription,
  usesConnection,
} from './index';

let azure: TestAzure;
let test: TestServices;
let services: Services;
let token: string;
let usingSites: { siteId: string }[];

beforeAll(async () => {
  azure = await startTestAzure({ deploymentWorkMilliseconds: 1 });
});
afterAll(() => azure.close());

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
  usingSites = [];
  const { config } = test.services;
  const identity = { ...config.identity, authorityHost: azure.loginUrl, disableInstanceDiscovery: true };
  const hostConnections = { resourceManagerUrl: azure.resourceManagerUrl };
  services = { ...test.services, config: { ...config, identity, hostConnections } };
});
afterEach(() => test.close());

const sites: HostConnectionUser = { sitesUsing: async () => usingSites };
const operations = hostConnectionOperations([sites]);

function send(id: string, request: TestRequest = {}) {
  const operation = operations.find((item) => item.id === id);
  if (!operation) throw new Error(`operation not found: ${id}`);
  return call(services, operation, { token, ...request });
}

/** A connection of an application of the local directory. */
function input(change: object = {}, identity: 'deployment' | 'functionsHost' = 'deployment') {
  const application = identitiesOf(azure.options.principal)[identity];
  return {
    name: 'Production',
    subscriptionId: localSubscriptionId,
    tenantId: application.tenantId,
    applicationId: application.clientId,
    servicePrincipalObjectId: objectIdOfIdentity(application),
    clientSecret: application.clientSecret,
    secretExpiresAt: '2099-01-01T01:00:00+01:00',
    ...change,
  };
}

async function add(change: object = {}) {
  const { status, body, headers } = await send('createHostConnection', { body: input(change) });
  expect([status, body]).toEqual([201, expect.anything()]);
  return { params: { id: String(body['id']) }, body, etag: headers['etag'] ?? '' };
}

const assignRole = async (actions: string[]) => {
  const arm = testArm(azure);
  const provider = '/providers/Microsoft.Authorization';
  const role = randomUUID();
  const version = '?api-version=2022-04-01';
  const permissions = [{ actions, notActions: [] }];
  const definition = {
    roleName: role,
    permissions,
    assignableScopes: [`/subscriptions/${localSubscriptionId}`],
  };
  const defined = await arm.send('PUT', `${provider}/roleDefinitions/${role}${version}`, {
    properties: definition,
  });
  expect(defined.status).toBeLessThan(300);
  const roleDefinitionId = `/subscriptions/${localSubscriptionId}${provider}/roleDefinitions/${role}`;
  const principalId = objectIdOfIdentity(identitiesOf(azure.options.principal).functionsHost);
  const assignment = `${provider}/roleAssignments/${randomUUID()}${version}`;
  const properties = { roleDefinitionId, principalId, principalType: 'ServicePrincipal' };
  expect((await arm.send('PUT', assignment, { properties })).status).toBeLessThan(300);
  await new Promise((resolve) => setTimeout(resolve, 200));
};

it('HST-1: a connection that works is added, shown without its secret, renamed and deleted with it', async () => {
  const { params, body, etag } = await add({ description: 'Paris' });
  const { clientSecret, ...given } = input({ description: 'Paris' });
  const expected = { ...given, secretExpiresAt: '2099-01-01T00:00:00.000Z', secretStatus: 'valid' };
  expect(body).toMatchObject(expected);
  expect((await send('getHostConnection', { params })).body).toEqual(body);
  expect((await send('listHostConnections')).body['value']).toEqual([body]);
  // Names need not be unique.
  await add();

  const headers = { 'if-match': etag };
  const changed = await send('changeHostConnection', {
    params,
    body: { name: 'Test', description: null },
    headers,
  });
  expect(changed.body).toMatchObject({ name: 'Test', description: '' });
  const fixed = await send('changeHostConnection', {
    params,
    body: { tenantId: randomUUID() },
    headers: { 'if-match': '*' },
  });
  expect([fixed.status, fixed.body.errors]).toEqual([
    400,
    [expect.objectContaining({ pointer: '/tenantId' })],
  ]);

  expect(test.vault.values()).toEqual([clientSecret, clientSecret]);
  expect((await send('deleteHostConnection', { params, headers })).status).toBe(412);
  const current = { 'if-match': changed.headers['etag'] ?? '' };
  expect((await send('deleteHostConnection', { params, headers: current })).status).toBe(204);
  expect((await send('getHostConnection', { params })).status).toBe(404);
  expect(test.vault.values()).toEqual([clientSecret]);
  const log = await auditLog(services);
  expect(log.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['hostConnection.create', 'hostConnection.change', 'hostConnection.delete']),
  );
  const kept = [...(await test.stored('control')), JSON.stringify(log)].join('\n');
  expect(kept).not.toContain(clientSecret);
});

it.each([
  ['a wrong secret', { clientSecret: 'wrong "secret"; $x' }, '/clientSecret', 'AADSTS7000215'],
  ['a directory that does not exist', { tenantId: randomUUID() }, '/tenantId', 'AADSTS90002'],
  ['an unknown application', { applicationId: randomUUID() }, '/applicationId', 'AADSTS700016'],
  ['an unknown subscription', { subscriptionId: randomUUID() }, '/subscriptionId', 'SubscriptionNotFound'],
  [
    'the object id of another principal',
    { servicePrincipalObjectId: randomUUID() },
    '/servicePrincipalObjectId',
    'ServicePrincipalMismatch',
  ],
])(
  'HST-1: a connection with %s is not added, and says which field is wrong',
  async (_what, change, pointer, code) => {
    const { status, body, text } = await send('createHostConnection', { body: input(change) });
    expect([status, body.code, body.errors?.map((error) => error.pointer)]).toEqual([
      ...[409, 'connection-test-failed'],
      [pointer],
    ]);
    expect(body['detail']).toContain(code);
    expect(text).not.toContain(input(change).clientSecret);
    expect(test.vault.values()).toEqual([]);
    expect((await send('listHostConnections')).body['value']).toEqual([]);
  },
);

it('HST-1: each permission that the application lacks is named, and nothing is stored', async () => {
  const [first = '', second = '', ...rest] = serviceActions();
  await assignRole(rest);
  const body = input({}, 'functionsHost');
  const refused = await send('createHostConnection', { body });
  expect([refused.status, refused.body.code, refused.body.errors]).toEqual([
    ...[409, 'connection-test-failed'],
    [first, second].map((action) => ({
      pointer: '/subscriptionId',
      detail: expect.stringContaining(action) as string,
    })),
  ]);
  expect(test.vault.values()).toEqual([]);
  await assignRole([first, second.replace(/[^/]+$/, '*')]);
  const { status, body: added } = await send('createHostConnection', { body });
  expect([status, added]).toEqual([201, expect.anything()]);
});

it('HST-1: the client secret is changed with its expiry, after a test, and the former one is removed soon', async () => {
  const { params, etag } = await add({ secretExpiresAt: '2026-01-01T00:00:00Z' });
  const headers = { 'if-match': etag };
  const wrong = { clientSecret: 'wrong', secretExpiresAt: '2099-01-01T00:00:00Z' };
  const refused = await send('putHostConnectionSecret', { params, body: wrong, headers });
  expect([refused.status, refused.body.code]).toEqual([409, 'connection-test-failed']);
  const { clientSecret } = input();
  expect(test.vault.values()).toEqual([clientSecret]);
  const body = { clientSecret, secretExpiresAt: '2099-06-01T00:00:00Z' };
  const changed = await send('putHostConnectionSecret', { params, body, headers });
  expect([changed.status, changed.body['secretExpiresAt']]).toEqual([200, '2099-06-01T00:00:00.000Z']);
  expect(test.vault.values()).toHaveLength(2);
  test.clock.advanceSeconds(2 * 3_600);
  await removeOverdueSecrets(
    services,
    lineLog(() => undefined),
  );
  expect(test.vault.values()).toEqual([clientSecret]);
  token = await test.issuer.token();
  expect((await send('testHostConnection', { params })).body).toEqual({
    ...{ succeeded: true, subscriptionName: 'Local subscription', missingActions: [] },
  });
});

it('HST-1: a test on demand says what is wrong, also when the secret is gone', async () => {
  const { params } = await add();
  for (const name of [...test.vault.secrets.keys()]) await test.vault.beginDeleteSecret(name);
  const { status, body } = await send('testHostConnection', { params });
  expect([status, body]).toEqual([
    200,
    {
      succeeded: false,
      failure: expect.objectContaining({ code: 'ClientSecretMissing', field: 'clientSecret' }) as object,
      missingActions: [],
    },
  ]);
});

it('HST-1: a connection in use is not deleted, nor one that begins to be used meanwhile', async () => {
  const { params, etag } = await add();
  const headers = { 'if-match': etag };
  usingSites = [{ siteId: 'site-1' }];
  const refused = await send('deleteHostConnection', { params, headers });
  expect([refused.status, refused.body.code]).toEqual([409, 'in-use']);
  usingSites = [];
  await services.database.control(CONTOSO).commit([usesConnection(params.id, test.clock.now())]);
  expect((await send('deleteHostConnection', { params, headers })).status).toBe(412);
});

it('HST-2: the subscription of a connection is opened with the secret of the secret store', async () => {
  const { params } = await add();
  const connection = await findHostConnection(services, CONTOSO, params.id);
  if (!connection) throw new Error('not stored');
  await expect(azureClient(await openSubscription(services, connection)).test()).resolves.toBeUndefined();
  await services.secrets.set(connection.secretId, 'guess');
  await expect(azureClient(await openSubscription(services, connection)).test()).rejects.toMatchObject({
    ...{ status: 401, info: { code: 'AADSTS7000215' } },
  });
});

it('HST-1: the custom role and the scripts are generated for a subscription', async () => {
  const query = `?subscriptionId=${localSubscriptionId}&applicationName=Recording`;
  const { status, body } = await send('getAppRegistration', { query });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    customRole: { AssignableScopes: [`/subscriptions/${localSubscriptionId}`] },
    bashScript: expect.stringContaining("name='Recording'") as string,
    powershellScript: expect.stringContaining("$name = 'Recording'") as string,
  });
});

it.each([
  ['2026-01-31T00:00:00.001Z', 'valid'],
  ['2026-01-31T00:00:00.000Z', 'expiringSoon'],
  ['2026-01-01T00:00:00.001Z', 'expiringSoon'],
  ['2026-01-01T00:00:00.000Z', 'expired'],
])('HST-1: a secret that expires at %s is %s on 1 January', (secretExpiresAt, status) => {
  expect(secretStatus({ secretExpiresAt }, new Date('2026-01-01T00:00:00Z'))).toBe(status);
});
