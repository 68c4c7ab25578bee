import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { credentialFor, startTestAzure, type TestAzure } from '../test-azure';
import { tenantIdOf } from './directory-ids';

let test: TestAzure;
beforeAll(async () => {
  test = await startTestAzure();
});
afterAll(() => test.close());

async function token(query: string): Promise<string> {
  const response = await fetch(`${test.loginUrl}/local/token?${query}`);
  const body = (await response.json()) as { access_token: string };
  return body.access_token;
}

describe('the service principal', () => {
  it('gets tokens for the resource of the scope it asks for', async () => {
    const { token: vault } = await test.credential.getToken('https://vault.azure.net/.default');
    const { token: storage } = await test.credential.getToken('https://storage.azure.com/.default');
    expect(decodeJwt(vault)).toMatchObject({ aud: 'https://vault.azure.net', idtyp: 'app' });
    const { tenantId } = test.options.principal;
    expect(decodeJwt(storage)).toMatchObject({
      aud: 'https://storage.azure.com',
      iss: `https://sts.windows.net/${tenantId}/`,
    });
  });

  it('is refused with the code of Entra when its secret is wrong', async () => {
    const wrong = credentialFor(test.loginUrl, { ...test.options.principal, clientSecret: 'guess' });
    await expect(wrong.getToken('https://vault.azure.net/.default')).rejects.toThrow(/AADSTS7000215/);
  });

  it.each([
    ['an unknown application', { client_id: 'other' }, 400, 'unauthorized_client', 700016],
    ['a scope that is no resource', { scope: 'User.Read' }, 400, 'invalid_scope', 1002012],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    ['no secret', { client_secret: '' }, 401, 'invalid_client', 7000218],
    ['no scope', { scope: '' }, 400, 'invalid_request', 900144],
  ])('is refused for %s', async (_what, change, status, error, code) => {
    const { tenantId, clientId, clientSecret } = test.options.principal;
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://vault.azure.net/.default',
      ...change,
    };
    const response = await fetch(`${test.loginUrl}/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error, error_codes: [code] });
  });

  it('is not found in another tenant', async () => {
    const stranger = credentialFor(test.loginUrl, {
      ...test.options.principal,
      tenantId: tenantIdOf('contoso'),
    });
    await expect(stranger.getToken('https://vault.azure.net/.default')).rejects.toThrow(/AADSTS90002/);
  });
});

it('the Azure CLI gets its tokens below /adfs, without a tenant', async () => {
  const discovered = await fetch(`${test.loginUrl}/adfs/.well-known/openid-configuration`);
  const { token_endpoint: endpoint } = (await discovered.json()) as { token_endpoint: string };
  expect(endpoint).toBe(`${test.loginUrl}/adfs/oauth2/token`);
  const { clientId, clientSecret } = test.options.principal;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'https://management.azure.com//.default',
  });
  const answer = (await (await fetch(endpoint, { method: 'POST', body })).json()) as { access_token: string };
  expect(decodeJwt(answer.access_token).aud).toBe('https://management.azure.com/');
});

describe('administrator tokens', () => {
  it('verify against the published keys, issuer and audience', async () => {
    const discovery = await fetch(
      `${test.loginUrl}/${tenantIdOf('contoso')}/v2.0/.well-known/openid-configuration`,
    );
    const { issuer, jwks_uri: jwksUri } = (await discovery.json()) as { issuer: string; jwks_uri: string };
    const verified = await jwtVerify(await token('role=FullAdmin'), createRemoteJWKSet(new URL(jwksUri)), {
      issuer,
      audience: 'api://session-recording',
    });
    expect(verified.payload).toMatchObject({
      tid: tenantIdOf('contoso'),
      preferred_username: 'ada@contoso.example',
      name: 'Ada',
      roles: ['SessionRecording.FullAdmin'],
      ver: '2.0',
    });
  });

  it('name the customer by a GUID that is derived from the name, or the one given', async () => {
    const byName = decodeJwt(await token('role=FullAdmin&customer=Fabrikam'));
    const byGuid = decodeJwt(await token(`role=FullAdmin&customer=${tenantIdOf('fabrikam')}`));
    expect(byName.tid).toBe(tenantIdOf('fabrikam'));
    expect(byGuid.tid).toBe(byName.tid);
    expect(byGuid.oid).toBe(byName.oid);
  });

  it('distinguish users of one customer, and customers of one user', async () => {
    const oid = async (query: string): Promise<unknown> => decodeJwt(await token(`role=none&${query}`)).oid;
    const ids = await Promise.all([
      oid('user=a@x.example'),
      oid('user=b@x.example'),
      oid('user=a@x.example&customer=c'),
    ]);
    expect(new Set(ids).size).toBe(3);
    expect(await oid('user=A@x.example')).toBe(ids[0]);
  });

  it('have no roles for `none`, and the groups that were asked for', async () => {
    const claims = decodeJwt(await token('role=none&group=g1&group=g2'));
    expect(claims.roles).toBeUndefined();
    expect(claims.groups).toEqual(['g1', 'g2']);
  });

  it('are refused for a role that does not exist, naming those that do', async () => {
    const response = await fetch(`${test.loginUrl}/local/token?role=Owner`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      status: 400,
      detail: expect.stringContaining('FullAdmin, PrivilegedPlayerAdmin, ReadOnlyAdmin, none') as string,
    });
  });
});

describe('what is not implemented', () => {
  it('answers 501 with its name', async () => {
    const response = await fetch(`${test.loginUrl}/common/oauth2/v2.0/authorize`);
    expect(response.status).toBe(501);
    expect(await response.text()).toContain('GET /common/oauth2/v2.0/authorize');
  });
});
