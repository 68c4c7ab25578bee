/** Administrators' tokens: what is accepted, who it names, and what is not. */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  UnsecuredJWT,
} from 'jose';
import { TestClock } from '../../tests/support/test-clock';
import {
  ADA,
  CONTOSO,
  issuerOptions,
  signToken,
  standardClaims,
  startTestIssuer,
  type TestIssuer,
} from '../../tests/support/test-issuer';
import { TokenVerifier } from './token-verifier';

let clock: TestClock;
let issuer: TestIssuer;
let verifier: TokenVerifier;

beforeAll(async () => {
  issuer = await startTestIssuer({ now: () => clock.now() }, 'RS256');
});

beforeEach(() => {
  clock = new TestClock();
  verifier = new TokenVerifier(issuerOptions, clock, createLocalJWKSet(issuer.jwks));
});

const verify = async (claims: JWTPayload = {}) => verifier.verify(await issuer.token(claims));
const refused = { code: 'unauthenticated', status: 401 };

describe('a genuine token', () => {
  it('names the customer, the person and the role', async () => {
    expect(await verify()).toEqual({
      type: 'administrator',
      customerId: CONTOSO,
      id: ADA,
      name: 'ada@contoso.example',
      kind: 'fullAdmin',
      throughGroup: false,
      isApplication: false,
      groups: [],
      groupOverage: false,
    });
  });

  it('IAM-2: may be signed with ES256', async () => {
    const other = await startTestIssuer(clock, 'ES256');
    const verifierOfOther = new TokenVerifier(issuerOptions, clock, createLocalJWKSet(other.jwks));
    expect((await verifierOfOther.verify(await other.token())).id).toBe(ADA);
  });

  it.each([
    [['SessionRecording.FullAdmin'], 'fullAdmin'],
    [['Cloud.FullAccess'], 'fullAdmin'],
    [['Cloud.Administrator', 'SessionRecording.ReadOnlyAdmin'], 'fullAdmin'],
    [['SessionRecording.PrivilegedPlayerAdmin'], 'privilegedPlayerAdmin'],
    [['SessionRecording.ReadOnlyAdmin', 'SessionRecording.PrivilegedPlayerAdmin'], 'privilegedPlayerAdmin'],
    [['SessionRecording.ReadOnlyAdmin'], 'readOnlyAdmin'],
    [['sessionrecording.fulladmin', 'Other.Role', 'constructor', '__proto__'], undefined],
    [[], undefined],
  ])('IAM-3: with the roles %j makes %s', async (roles, kind) => {
    expect((await verify({ roles })).kind).toBe(kind);
  });

  it('IAM-10: without a user is an application', async () => {
    const app = await verify({ idtyp: 'app', preferred_username: undefined, azp: 'deploy-tool' });
    expect(app).toMatchObject({ isApplication: true, name: 'deploy-tool', kind: 'fullAdmin' });
    expect((await verify({ preferred_username: undefined })).isApplication).toBe(true);
  });

  it.each([{ hasgroups: true }, { _claim_names: { groups: 'src1' }, _claim_sources: {} }])(
    'that left its groups out counts as without groups: %j',
    async (overage) => {
      const administrator = await verify({ ...overage, groups: ['33333333-3333-4333-8333-333333333333'] });
      expect(administrator).toMatchObject({ groups: [], groupOverage: true });
    },
  );

  it('names tenant, person and groups in lower case', async () => {
    const upper = 'ABCDEFAB-3333-4333-8333-333333333333';
    const token = await issuer.token({ oid: upper, groups: [upper] });
    expect(await verifier.verify(token)).toMatchObject({
      id: upper.toLowerCase(),
      groups: [upper.toLowerCase()],
    });
  });
});

describe('IAM-2: what is refused', () => {
  const seconds = () => Math.floor(clock.now().getTime() / 1000);

  it.each<[string, () => JWTPayload]>([
    ['an expired one', () => ({ exp: seconds() - 61 })],
    ['one without expiry', () => ({ exp: undefined })],
    ['one that is not valid yet', () => ({ nbf: seconds() + 61 })],
    ['one for another audience', () => ({ aud: 'api://other' })],
    ['one without audience', () => ({ aud: undefined })],
    ['one of another issuer', () => ({ iss: `https://evil.test/${CONTOSO}/v2.0` })],
    [
      'one of another tenant’s issuer',
      () => ({ iss: 'https://login.test/99999999-9999-4999-8999-999999999999/v2.0' }),
    ],
    ['one without issuer', () => ({ iss: undefined })],
    [
      'one of a tenant that is not accepted',
      () => standardClaims(clock, '99999999-9999-4999-8999-999999999999'),
    ],
    ['one without tenant', () => ({ tid: undefined })],
    ['one without person', () => ({ oid: undefined })],
    ['one whose tenant is no id', () => standardClaims(clock, '{tenantid}')],
    ['one whose person is no id', () => ({ oid: '../x' })],
    ['one whose roles are no list', () => ({ roles: 'SessionRecording.FullAdmin' })],
  ])('%s', async (_what, claims) => {
    await expect(verify(claims())).rejects.toMatchObject(refused);
  });

  it('one whose key is not published', async () => {
    await expect(verifier.verify(await issuer.token({}, { kid: 'unknown' }))).rejects.toMatchObject(refused);
  });

  it('one that another key signed under the published name', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await signToken(privateKey, { alg: 'RS256', kid: 'key-RS256' }, standardClaims(clock));
    await expect(verifier.verify(forged)).rejects.toMatchObject(refused);
  });

  it('an unsigned one, in every way to write that', async () => {
    const unsigned = new UnsecuredJWT(standardClaims(clock)).encode();
    const [, payload] = (await issuer.token()).split('.');
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'key-RS256' })).toString('base64url');
      await expect(verifier.verify(`${header}.${payload}.`)).rejects.toMatchObject(refused);
    }
    await expect(verifier.verify(unsigned)).rejects.toMatchObject(refused);
  });

  it('one signed with the public key as if it were a shared secret', async () => {
    const [jwk] = issuer.jwks.keys;
    const published = await importJWK({ ...jwk }, 'RS256', { extractable: true });
    if (published instanceof Uint8Array) throw new Error('not a public key');
    for (const secret of [await exportSPKI(published), String(jwk?.n), JSON.stringify(jwk)]) {
      const key = new TextEncoder().encode(secret.padEnd(32));
      const forged = await signToken(key, { alg: 'HS256', kid: 'key-RS256' }, standardClaims(clock));
      await expect(verifier.verify(forged)).rejects.toMatchObject(refused);
    }
  });

  it('one that was changed after signing', async () => {
    const [header, payload, signature] = (await verifierToken()).split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as JWTPayload;
    const changed = Buffer.from(JSON.stringify({ ...claims, roles: ['Cloud.FullAccess'] })).toString(
      'base64url',
    );
    await expect(verifier.verify(`${header}.${changed}.${signature}`)).rejects.toMatchObject(refused);
    await expect(verifier.verify(`${header}.${payload}.${signature?.slice(0, -4)}`)).rejects.toMatchObject(
      refused,
    );
  });

  it.each(['', 'a', 'a.b', 'a.b.c', 'a.b.c.d.e', '..', 'e30.e30.e30', `${'x'.repeat(20_000)}.y.z`])(
    'text that is no token (case %#)',
    async (text) => {
      await expect(verifier.verify(text)).rejects.toMatchObject(refused);
    },
  );

  const verifierToken = () => issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
});

describe('remembered tokens', () => {
  it('are not verified twice, and never longer than they are valid', async () => {
    let lookUps = 0;
    const keys = createLocalJWKSet(issuer.jwks);
    const counting = new TokenVerifier(issuerOptions, clock, (...args) => {
      lookUps++;
      return keys(...args);
    });
    const token = await issuer.token();
    await counting.verify(token);
    await counting.verify(token);
    expect(lookUps).toBe(1);
    clock.advanceSeconds(3661);
    await expect(counting.verify(token)).rejects.toMatchObject(refused);
  });

  it('are bounded in number', async () => {
    const trusting = await startTestIssuer(clock, 'ES256');
    const bounded = new TokenVerifier(issuerOptions, clock, createLocalJWKSet(trusting.jwks), 3);
    const tokens = await Promise.all([1, 2, 3, 4, 5].map((n) => trusting.token({ jti: String(n) })));
    for (const token of tokens) await bounded.verify(token);
    expect(bounded.remembered).toBe(3);
  });
});

describe('keys that cannot be had', () => {
  it.each<[string, () => Promise<Response>]>([
    ['the issuer cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
    ['it answers with an error', () => Promise.resolve(new Response('', { status: 500 }))],
    ['it answers with something else than keys', () => Promise.resolve(new Response('<html>'))],
    ['it answers with an empty object', () => Promise.resolve(new Response('{}'))],
  ])('are a fault of the service, not of the caller: %s', async (_what, answer) => {
    const keys = createRemoteJWKSet(new URL(issuerOptions.jwksUrl), { [customFetch]: answer });
    const away = new TokenVerifier(issuerOptions, clock, keys);
    await expect(away.verify(await issuer.token())).rejects.toMatchObject({
      code: 'unavailable',
      status: 503,
      retryAfterSeconds: 5,
    });
  });

  it('are looked up again when the issuer has a new one', async () => {
    const next = await startTestIssuer(clock, 'ES256');
    let published = issuer.jwks;
    const keys = createRemoteJWKSet(new URL(issuerOptions.jwksUrl), {
      [customFetch]: () => Promise.resolve(Response.json(published)),
      cooldownDuration: 0,
    });
    const rotating = new TokenVerifier(issuerOptions, clock, keys);
    await rotating.verify(await issuer.token());
    published = next.jwks;
    expect((await rotating.verify(await next.token())).id).toBe(ADA);
  });
});
