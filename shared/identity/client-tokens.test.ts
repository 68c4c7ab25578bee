/** Tokens of secure clients: issued here, accepted here, and nowhere else. */
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import { MemoryVault } from '../../tests/support/memory-vault';
import { TestClock } from '../../tests/support/test-clock';
import { CONTOSO } from '../../tests/support/test-issuer';
import { CLIENT_TOKEN_SECONDS, ClientTokens } from './client-tokens';

const ISSUER = 'https://recording.test/api/cloud-client/v1';
const client = { id: 'cccccccc-cccc-4ccc-8ccc-cccccccccccc', customerId: CONTOSO, name: 'Servers' };
const refused = { code: 'unauthenticated', status: 401 };

let clock: TestClock;
let vault: MemoryVault;
const instance = (issuer = ISSUER) => new ClientTokens(issuer, vault.store(), clock);

beforeEach(() => {
  clock = new TestClock();
  vault = new MemoryVault();
});

it('names the client on every instance until it expires', async () => {
  const token = await instance().issue(client);
  expect(await instance().verify(token)).toEqual({ type: 'client', ...client });
  clock.advanceSeconds(CLIENT_TOKEN_SECONDS - 1);
  expect((await instance().verify(token)).id).toBe(client.id);
  clock.advanceSeconds(1);
  await expect(instance().verify(token)).rejects.toMatchObject({ ...refused, detail: /expired/ });
});

it('holds nothing that is secret', async () => {
  const payload = decodeJwt(await instance().issue(client));
  expect(Object.keys(payload).sort()).toEqual(['aud', 'customerId', 'exp', 'iat', 'iss', 'name', 'sub']);
});

it('is refused by another deployment, even one with the same key', async () => {
  const token = await instance().issue(client);
  await expect(instance('https://other.test/api/cloud-client/v1').verify(token)).rejects.toMatchObject(
    refused,
  );
  vault = new MemoryVault();
  await expect(instance().verify(token)).rejects.toMatchObject(refused);
});

it('is refused when it was made for another audience, by another key, for another use or for ever', async () => {
  const token = await instance().issue(client);
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as {
    kid: string;
  };
  const stored = JSON.parse(vault.values()[0] ?? '') as { current: { jwk: object } };
  const ours = await crypto.subtle.importKey(
    'jwk',
    stored.current.jwk,
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  );
  const theirs = (await generateKeyPair('ES256')).privateKey;
  const exp = Math.floor(clock.now().getTime() / 1000) + 60;
  const make = (
    key: Parameters<SignJWT['sign']>[0],
    audience: string,
    typ = 'at+jwt',
    claims: object = { exp },
  ) =>
    new SignJWT({ customerId: CONTOSO, name: 'x', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid, typ })
      .setSubject(client.id)
      .setIssuer(ISSUER)
      .setAudience(audience)
      .sign(key);
  expect((await instance().verify(await make(ours, 'cloud-client'))).id).toBe(client.id);
  await expect(instance().verify(await make(ours, 'administrators'))).rejects.toMatchObject(refused);
  await expect(instance().verify(await make(theirs, 'cloud-client'))).rejects.toMatchObject(refused);
  await expect(instance().verify(await make(ours, 'cloud-client', 'JWT'))).rejects.toMatchObject(refused);
  await expect(instance().verify(await make(ours, 'cloud-client', 'at+jwt', {}))).rejects.toMatchObject(
    refused,
  );
});

it.each([
  '',
  'a',
  'a.b.c',
  'e30.e30.e30',
  `${Buffer.from('{"alg":"none","kid":"x"}').toString('base64url')}.e30.`,
])('is refused when it is no token (case %#)', async (text) => {
  await expect(instance().verify(text)).rejects.toMatchObject(refused);
});

it('CCL-1: is accepted after a rotation, as are tokens of the new key', async () => {
  const issuing = instance();
  const verifying = instance();
  const old = await issuing.issue(client);
  await verifying.verify(old);
  await issuing.rotate();
  clock.advanceSeconds(6); // An instance looks for a new key every few seconds at most.
  const fresh = await issuing.issue(client);
  expect((await verifying.verify(fresh)).id).toBe(client.id);
  expect((await verifying.verify(old)).id).toBe(client.id);
  expect((await instance().verify(old)).id).toBe(client.id);
});

it('is refused when its key was rotated away twice', async () => {
  const tokens = instance();
  const old = await tokens.issue(client);
  await tokens.rotate();
  await tokens.rotate();
  await expect(tokens.verify(old)).rejects.toMatchObject(refused);
});

it('does not ask the vault again and again for keys that nobody has', async () => {
  const tokens = instance();
  await tokens.issue(client);
  vault = new MemoryVault();
  const foreign = await instance().issue(client);
  let requests = 0;
  vault.beforeRequest = () => {
    requests++;
  };
  for (let n = 0; n < 20; n++) await expect(tokens.verify(foreign)).rejects.toMatchObject(refused);
  expect(requests).toBe(0);
});

it('can be issued again when the vault was out of reach', async () => {
  const tokens = instance();
  vault.beforeRequest = () => {
    throw new Error('out of reach');
  };
  await expect(tokens.issue(client)).rejects.toThrow('out of reach');
  vault.beforeRequest = () => undefined;
  expect((await tokens.verify(await tokens.issue(client))).id).toBe(client.id);
});
