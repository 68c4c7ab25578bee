/** Authentication: Entra tokens checked against published keys, and the master key. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { parseCommandLine } from './command-line';
import { type CosmosGateway, createCosmosGateway } from './gateway';
import { inProcessClient } from './testing';

const endpoint = 'https://cosmos.test';
const tenant = '11111111-2222-3333-4444-555555555555';
const masterKey = Buffer.from('the account key').toString('base64');

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

let keys: { known: PrivateKey; unknown: PrivateKey };
let keyServer: Server;
let gateway: CosmosGateway;

beforeAll(async () => {
  const [known, unknown] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  keys = { known: known.privateKey, unknown: unknown.privateKey };
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(known.publicKey)), kid: 'k1', alg: 'RS256' }] });
  keyServer = createServer((_request, response) => response.end(jwks));
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  const { port } = keyServer.address() as AddressInfo;
  gateway = createCosmosGateway({ jwks: `http://127.0.0.1:${port}/keys`, masterKey });
});

afterAll(async () => {
  await gateway.close();
  keyServer.close();
});

const seconds = () => Math.floor(Date.now() / 1000);

const goodClaims = () => ({
  iss: `https://sts.windows.net/${tenant}/`,
  aud: endpoint,
  tid: tenant,
  exp: seconds() + 600,
});

const sign = (claims: object, key: PrivateKey = keys.known) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key);

function withToken(token: string) {
  const expiresOnTimestamp = Date.now() + 600_000;
  return new CosmosClient({
    endpoint,
    aadCredentials: { getToken: async () => ({ token, expiresOnTimestamp }) },
    httpClient: inProcessClient(gateway.handler),
  });
}

async function listDatabases(client: CosmosClient) {
  try {
    return await client.databases.readAll().fetchAll();
  } finally {
    client.dispose();
  }
}

describe('Entra tokens', () => {
  it('accepts a valid token, and caches it', async () => {
    const token = await sign(goodClaims());
    expect((await listDatabases(withToken(token))).resources).toEqual([]);
    expect((await listDatabases(withToken(token))).resources).toEqual([]);
  });

  it('accepts the audience that is common to all accounts', async () => {
    const token = await sign({ ...goodClaims(), aud: 'https://cosmos.azure.com' });
    expect((await listDatabases(withToken(token))).resources).toEqual([]);
  });

  it.each<[string, () => Promise<string>]>([
    ['with another key’s signature', () => sign(goodClaims(), keys.unknown)],
    ['with a changed payload', async () => (await sign(goodClaims())).replace(/\.[^.]+\./, '.e30.')],
    ['that has expired', () => sign({ ...goodClaims(), exp: seconds() - 60 })],
    ['that never expires', () => sign({ ...goodClaims(), exp: undefined })],
    ['of another issuer', () => sign({ ...goodClaims(), iss: 'https://example.org/' })],
    ['for another resource', () => sign({ ...goodClaims(), aud: 'https://vault.azure.net' })],
    ['that is none', async () => 'nonsense'],
  ])('refuses a token %s', async (_what, token) => {
    await expect(listDatabases(withToken(await token()))).rejects.toMatchObject({ code: 401 });
  });
});

describe('master key', () => {
  const withKey = (key: string) =>
    new CosmosClient({ endpoint, key, httpClient: inProcessClient(gateway.handler) });

  it('accepts the key', async () => {
    expect((await listDatabases(withKey(masterKey))).resources).toEqual([]);
  });

  it('refuses another key', async () => {
    const wrong = Buffer.from('another key').toString('base64');
    await expect(listDatabases(withKey(wrong))).rejects.toMatchObject({ code: 401 });
  });

  it('refuses a request without authorization', async () => {
    const request = { method: 'GET', origin: endpoint, path: '/dbs', headers: {}, body: '' };
    expect((await gateway.handler(request)).status).toBe(401);
  });
});

describe('a gateway that has no key', () => {
  it('refuses signed requests', async () => {
    const closed = createCosmosGateway();
    const client = new CosmosClient({
      endpoint,
      key: masterKey,
      httpClient: inProcessClient(closed.handler),
    });
    await expect(listDatabases(client)).rejects.toMatchObject({ code: 401 });
    await closed.close();
  });
});

/** The status of a request whose Host header names another host. */
function statusUnder(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });
}

describe('over http', () => {
  it('answers the SDK on a port of the loopback interface, and no other host name', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cosmos-'));
    const served = createCosmosGateway({ data: path.join(folder, 'data.sqlite'), masterKey });
    const url = await served.listen(0);
    const client = new CosmosClient({ endpoint: url, key: masterKey });
    await client.databases.create({ id: 'db' });
    expect((await listDatabases(client)).resources).toHaveLength(1);
    expect(await statusUnder(url, 'rebound.example')).toBe(421);
    await served.close();
    rmSync(folder, { recursive: true });
  });
});

describe('command line', () => {
  const flags = ['--port', '0', '--data', ':memory:', '--jwks', 'https://127.0.0.1:1/keys'];

  it('takes flags, or the same as JSON', () => {
    const expected = { port: 0, data: ':memory:', jwks: 'https://127.0.0.1:1/keys' };
    expect(parseCommandLine(flags, {})).toEqual(expected);
    expect(parseCommandLine([...flags, '--stale-seconds', '5'], {})).toEqual({
      ...expected,
      staleSeconds: 5,
    });
    expect(parseCommandLine([JSON.stringify({ ...expected, strict: true })], {})).toEqual({
      ...expected,
      strict: true,
    });
  });

  it('does not start inside Azure', () => {
    expect(() => parseCommandLine(flags, { WEBSITE_SITE_NAME: 'app' })).toThrow(
      'inside Azure (WEBSITE_SITE_NAME',
    );
    expect(() => parseCommandLine(flags, { WEBSITE_INSTANCE_ID: '1' })).toThrow('inside Azure');
  });

  it.each([
    ['an unknown flag', [...flags, '--nonsense', '1']],
    ['a certificate without its key', [...flags, '--cert', 'c.pem']],
    ['no way to authenticate', ['--port', '0', '--data', ':memory:']],
    ['reads that lag by more than the history covers', [...flags, '--stale-seconds', '601']],
    ['an invalid port', ['--port', 'x', '--data', ':memory:', '--master-key', masterKey]],
  ])('refuses %s', (_what, args) => {
    expect(() => parseCommandLine(args, {})).toThrow();
  });
});
