/** What an identity's roles do not permit is refused by each stand-in, in the words of its service. */
import { EventGridPublisherClient } from '@azure/eventgrid';
import { type TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { decodeJwt } from 'jose';
import { startTestAzure, type TestAzure, credentialFor } from '../azure/test-azure';
import { authorize } from '../cosmos/authorization';
import { AccessControl } from './access-control';
import { identitiesOf, objectIdOfIdentity } from './identities';

let azure: TestAzure;
let host: TokenCredential;
beforeAll(async () => {
  azure = await startTestAzure();
  host = credentialFor(azure.loginUrl, identitiesOf(azure.options.principal).functionsHost);
});
afterAll(() => azure.close());

describe('an identity without the role', () => {
  it('is refused by Key Vault with 403 ForbiddenByRbac', async () => {
    const secrets = (credential: TokenCredential) =>
      new SecretClient(azure.keyVaultUrl, credential, { disableChallengeResourceVerification: true });
    await expect(secrets(host).setSecret('a', 'b')).rejects.toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
      details: { error: { innerError: { code: 'ForbiddenByRbac' } } },
    });
    await expect(secrets(azure.credential).setSecret('a', 'b')).resolves.toMatchObject({ value: 'b' });
  });

  it('is refused by Event Grid with 401', async () => {
    const publish = (credential: TokenCredential) =>
      new EventGridPublisherClient(azure.topicEndpoint, 'CloudEvent', credential).send([
        { id: 'a', source: '/s', type: 'T', data: {} },
      ]);
    await expect(publish(host)).rejects.toMatchObject({ statusCode: 401 });
    await expect(publish(azure.credential)).resolves.toBeDefined();
  });

  it('is refused by Cosmos DB with 403 and the substatus of what is missing', () => {
    const access = new AccessControl(azure.options.principal);
    const { app, functionsHost, deployment } = identitiesOf(azure.options.principal);
    const call = (method: string, target: string, headers: Record<string, string> = {}, body = '') => ({
      method,
      origin: 'https://cosmos.test',
      path: target,
      headers,
      body,
    });
    const query = call('POST', '/dbs/d/colls/c/docs', { 'x-ms-documentdb-isquery': 'True' });
    const batch = call(
      'POST',
      '/dbs/d/colls/c/docs',
      { 'x-ms-cosmos-is-batch-request': 'True' },
      JSON.stringify([{ operationType: 'Create' }, { operationType: 'Patch' }]),
    );
    const newContainer = call('POST', '/dbs/d/colls');
    const refused = (status: number, substatus: number) =>
      expect.objectContaining({
        status,
        details: expect.objectContaining({ substatus }) as object,
      }) as Error;
    for (const request of [query, batch, call('GET', '/dbs/d')])
      expect(() => authorize(access, objectIdOfIdentity(app), request)).not.toThrow();
    expect(() => authorize(access, objectIdOfIdentity(app), newContainer)).toThrow(refused(403, 5300));
    expect(() => authorize(access, objectIdOfIdentity(functionsHost), query)).toThrow(refused(403, 5302));
    expect(() => authorize(access, objectIdOfIdentity(functionsHost), call('GET', '/dbs/d'))).toThrow(
      refused(403, 5301),
    );
    expect(() => authorize(access, objectIdOfIdentity(deployment), newContainer)).not.toThrow();
    expect(() => authorize(access, 'nobody', query)).toThrow(refused(403, 5302));
    expect(access.list()).toContainEqual({
      identity: 'app',
      operation: 'Create item',
      needed: [['Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/create']],
      allowed: true,
    });
  });
});

describe('the endpoint of managed identities', () => {
  const ask = (
    query: Record<string, string>,
    header = identitiesOf(azure.options.principal).functionsHost.clientSecret,
  ) =>
    fetch(`${azure.loginUrl}/msi/token?${new URLSearchParams(query).toString()}`, {
      headers: { 'x-identity-header': header },
    });

  it('gives tokens of the identities that are assigned, by their client id', async () => {
    const { app, functionsHost } = identitiesOf(azure.options.principal);
    for (const identity of [app, functionsHost]) {
      const response = await ask({
        'api-version': '2019-08-01',
        resource: 'https://storage.azure.com/',
        client_id: identity.clientId,
      });
      const { access_token: token } = (await response.json()) as { access_token: string };
      expect(decodeJwt(token)).toMatchObject({
        aud: 'https://storage.azure.com',
        oid: objectIdOfIdentity(identity),
      });
    }
  });

  it('gives none to whoever does not know the header, and none of the system-assigned identity', async () => {
    const query = { 'api-version': '2019-08-01', resource: 'https://storage.azure.com/' };
    expect((await ask(query)).status).toBe(400);
    const { clientId } = identitiesOf(azure.options.principal).app;
    expect((await ask({ ...query, client_id: clientId }, 'guess')).status).toBe(401);
  });
});
