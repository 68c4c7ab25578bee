/** Secure clients: shown once, kept as hashes, rotated, expired, revoked, and guessed at in vain. */
import { auditLog } from '../../../tests/support/logs';
import { newId } from '../../../shared/ids';
import { ConcurrencyLimit } from '../../../shared/concurrency-limit';
import { Problem } from '../../../shared/problem';
import { call, type TestRequest } from '../../../tests/support/call';
import { CONTOSO, FABRIKAM } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { authenticateSecureClient } from './authenticate-secure-client';
import { secureClientOperations } from './operations';
import { hashSecret, matchesHash, newSecretText } from './secret-hash';

/** Hashes are slow on purpose. */
jest.setTimeout(120_000);

let test: TestServices;
let token: string;
let addresses = 0;

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
});

afterEach(() => test.close());

function send(id: string, request: TestRequest = {}) {
  const operation = secureClientOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(test.services, operation, { token, ...request });
}

async function newClient(body: object = { name: 'Servers' }) {
  const answer = await send('createSecureClient', { body });
  expect(answer.status).toBe(201);
  return answer.body as unknown as { clientId: string; secretId: string; secret: string };
}

/** Each attempt from an address of its own, unless one is given. */
const signIn = (clientId: string, clientSecret: string, address = `192.0.2.${++addresses}`) =>
  authenticateSecureClient(test.services, { clientId, clientSecret, address, traceId: 'trace' });

/** Secrets that are wrong, however often, without the time that their hashes take; resolves with the number of these. */
async function guess(work: () => Promise<unknown>): Promise<number> {
  const run = jest.spyOn(ConcurrencyLimit.prototype, 'run').mockImplementation(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return Buffer.alloc(32);
  });
  try {
    await work();
    return run.mock.calls.length;
  } finally {
    run.mockRestore();
  }
}

const refused = { code: 'unauthenticated' };
const etagOf = async (id: string) =>
  String((await send('getSecureClient', { params: { id } })).headers['etag']);
const inHours = (hours: number) => new Date(test.clock.now().getTime() + hours * 3_600_000).toISOString();

it('hashes with a salt and knows the secret again', async () => {
  const text = newSecretText();
  expect(text).toMatch(/^[A-Za-z0-9_-]{43}$/);
  const [one, two] = [await hashSecret(text), await hashSecret(text)];
  expect(one).not.toBe(two);
  expect(await matchesHash(text, one)).toBe(true);
  expect(await matchesHash(`${text}x`, one)).toBe(false);
  expect(await matchesHash('', one)).toBe(false);
});

it('IAM-7: hashes every secret within the limit of concurrent hashes', async () => {
  const run = jest.spyOn(ConcurrencyLimit.prototype, 'run');
  expect(await matchesHash('secret', await hashSecret('secret'))).toBe(true);
  expect(run).toHaveBeenCalledTimes(2);
  run.mockRejectedValue(new Problem('too-many-requests', 'Full.'));
  await expect(signIn(newId(), 'any')).rejects.toMatchObject({ code: 'too-many-requests' });
  run.mockRestore();
});

it('IAM-7: shows the secret once and keeps only its hash', async () => {
  const { clientId, secret } = await newClient();
  expect(await signIn(clientId.toUpperCase(), secret)).toEqual({
    id: clientId,
    customerId: CONTOSO,
    name: 'Servers',
    secretId: expect.any(String) as string,
  });
  const shown = await send('getSecureClient', { params: { id: clientId } });
  const listed = await send('listSecureClients');
  for (const text of [shown.text, listed.text]) expect(text).not.toMatch(/scrypt|hash/);
  expect(shown.text + listed.text).not.toContain(secret);
  expect(shown.body['secrets']).toMatchObject([{ hint: secret.slice(-4), expired: false }]);
  for (const container of ['control', 'directory']) {
    expect((await test.stored(container)).join()).not.toContain(secret);
  }
  expect(test.vault.values().join()).not.toContain(secret);
});

it('IAM-7: is rotated with an overlap in which both secrets work', async () => {
  const { clientId, secret: old } = await newClient();
  const added = await send('createSecureClientSecret', {
    params: { id: clientId },
    body: { othersExpireAt: inHours(1) },
  });
  const fresh = added.body['secret'] as string;
  await signIn(clientId, old);
  await signIn(clientId, fresh);
  test.clock.advanceSeconds(3600);
  await expect(signIn(clientId, old)).rejects.toMatchObject(refused);
  await signIn(clientId, fresh);
});

it('gets two secrets when two are asked for at once', async () => {
  const { clientId } = await newClient();
  const request = { params: { id: clientId }, body: {} };
  const answers = await Promise.all([1, 2].map(() => send('createSecureClientSecret', request)));
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  const { body } = await send('getSecureClient', { params: { id: clientId } });
  expect(body['secrets']).toHaveLength(3);
});

it('stops working when its secret expires, is removed, or the client is revoked', async () => {
  const { clientId, secret, secretId } = await newClient({ name: 'x', secretExpiresAt: inHours(1) });
  const params = { id: clientId };
  const second = (await send('createSecureClientSecret', { params, body: {} })).body;
  test.clock.advanceSeconds(3600);
  await expect(signIn(clientId, secret)).rejects.toMatchObject(refused);
  const removed = { params: { id: clientId, secretId: String(second['secretId']) } };
  const headers = { 'if-match': await etagOf(clientId) };
  expect((await send('deleteSecureClientSecret', { ...removed, headers })).status).toBe(204);
  expect((await send('deleteSecureClientSecret', { ...removed, headers })).status).toBe(404);
  await expect(signIn(clientId, String(second['secret']))).rejects.toMatchObject(refused);

  const third = (await send('createSecureClientSecret', { params, body: {} })).body;
  expect(third['secretId']).not.toBe(secretId);
  const revoke = { params, headers: { 'if-match': await etagOf(clientId) } };
  expect((await send('deleteSecureClient', revoke)).status).toBe(204);
  await expect(signIn(clientId, String(third['secret']))).rejects.toMatchObject(refused);
  expect(await test.stored('directory')).toEqual([]);
});

it('has at most five secrets, and none that expires in the past', async () => {
  const { clientId } = await newClient();
  const add = (body: object = {}) => send('createSecureClientSecret', { params: { id: clientId }, body });
  expect((await add({ expiresAt: inHours(-1) })).body.errors).toMatchObject([{ pointer: '/expiresAt' }]);
  expect((await add({ othersExpireAt: inHours(0) })).body.errors).toMatchObject([
    { pointer: '/othersExpireAt' },
  ]);
  expect((await add({ expiresAt: 'tomorrow' })).status).toBe(400);
  for (let n = 0; n < 4; n++) expect((await add()).status).toBe(201);
  expect(await add()).toMatchObject({ status: 409, body: { code: 'conflict' } });
});

it('answers a repeated creation without a secret, and creates nothing', async () => {
  const request = { body: { name: 'x' }, headers: { 'idempotency-key': 'k' } };
  const first = await send('createSecureClient', request);
  const repeat = await send('createSecureClient', request);
  expect(repeat).toMatchObject({ status: 409, body: { code: 'idempotency-response-not-kept' } });
  expect((await send('listSecureClients')).body['value']).toHaveLength(1);
  expect((await test.stored('control')).join()).not.toContain(String(first.body['secret']));
});

it('is out of reach of another customer', async () => {
  const { clientId, secretId } = await newClient();
  const foreign = await test.issuer.token({ tid: FABRIKAM, iss: `https://login.test/${FABRIKAM}/v2.0` });
  const request = { token: foreign, params: { id: clientId, secretId }, headers: { 'if-match': '*' } };
  for (const id of ['getSecureClient', 'deleteSecureClient', 'deleteSecureClientSecret']) {
    expect((await send(id, request)).status).toBe(404);
  }
  expect((await send('createSecureClientSecret', { ...request, body: {} })).status).toBe(404);
  expect((await send('listSecureClients', { token: foreign })).body['value']).toEqual([]);
});

describe('IAM-7: a wrong secret', () => {
  it('is refused in the same words as an unknown client', async () => {
    const { clientId } = await newClient();
    const errors = await Promise.all(
      [clientId, newId(), '../x', `${clientId}\0`].map((id) =>
        signIn(id, 'wrong').catch((error: unknown) => error),
      ),
    );
    const [known] = errors;
    for (const error of errors) {
      expect(error).toMatchObject({ ...refused, detail: (known as { detail: string }).detail });
    }
  });

  it('is logged for the customer whose client it was tried on', async () => {
    const { clientId } = await newClient();
    await expect(signIn(clientId, 'canary-wrong-secret', '203.0.113.5')).rejects.toMatchObject(refused);
    const entries = await auditLog(test.services);
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'secureClient.signIn',
        authorised: false,
        reason: 'wrong-secret',
        address: '203.0.113.5',
        target: { type: 'secureClient', id: clientId },
      }),
    );
    expect(JSON.stringify(entries)).not.toContain('canary');
  });

  it('locks nobody out of its own client who guesses elsewhere, however many there are', async () => {
    const { clientId, secret } = await newClient();
    await guess(async () => {
      for (let n = 0; n < 50; n++)
        await expect(signIn(n % 2 ? clientId : clientId.toUpperCase(), 'wrong')).rejects.toMatchObject(
          refused,
        );
    });
    expect((await signIn(clientId, secret)).id).toBe(clientId);
  });

  it('does not lock out a secret that the instance knows, even where the guesses come from', async () => {
    const { clientId, secret } = await newClient();
    const other = await newClient();
    const address = `198.51.100.${++addresses}`;
    expect((await signIn(clientId, secret, address)).id).toBe(clientId);
    await guess(async () => {
      for (let n = 0; n < 10; n++)
        await expect(signIn(clientId, `wrong ${n}`, address)).rejects.toMatchObject(refused);
    });
    expect((await signIn(clientId, secret, address)).id).toBe(clientId);
    await expect(signIn(other.clientId, other.secret, address)).rejects.toMatchObject({
      code: 'too-many-requests',
      retryAfterSeconds: 60,
    });
    test.clock.advanceSeconds(60);
    expect((await signIn(other.clientId, other.secret, address)).id).toBe(other.clientId);
  });

  it('counts before it is hashed: of sixty at once ten are tried', async () => {
    const { clientId } = await newClient();
    const address = `198.51.100.${++addresses}`;
    let outcomes: PromiseSettledResult<unknown>[] = [];
    const hashes = await guess(async () => {
      const guesses = Array.from({ length: 60 }, (_, n) => signIn(clientId, `guess ${n}`, address));
      outcomes = await Promise.allSettled(guesses);
    });
    expect(hashes).toBe(10);
    const codes = outcomes.map(
      (outcome) => outcome.status === 'rejected' && (outcome.reason as Problem).code,
    );
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(10);
    expect(codes.filter((code) => code === 'too-many-requests')).toHaveLength(50);
    await expect(signIn(clientId, 'another', address)).rejects.toMatchObject({ retryAfterSeconds: 60 });
  });

  it('makes the address wait after ten, whichever clients it tries', async () => {
    const address = `198.51.100.${++addresses}`;
    await guess(async () => {
      for (let n = 0; n < 10; n++)
        await expect(signIn(newId(), 'wrong', address)).rejects.toMatchObject(refused);
    });
    await expect(signIn(newId(), 'wrong', address)).rejects.toMatchObject({ code: 'too-many-requests' });
  });
});

describe('IAM-7: a secret that was verified before', () => {
  it('is hashed once when many servers present it at the same time', async () => {
    const { clientId, secret } = await newClient();
    const address = `198.51.100.${++addresses}`;
    const signedIn = await Promise.all(Array.from({ length: 200 }, () => signIn(clientId, secret, address)));
    expect(new Set(signedIn.map(({ id }) => id))).toEqual(new Set([clientId]));
  });

  it('is refused once it was removed', async () => {
    const { clientId, secret, secretId } = await newClient();
    await signIn(clientId, secret);
    const headers = { 'if-match': await etagOf(clientId) };
    const params = { id: clientId, secretId };
    expect((await send('deleteSecureClientSecret', { params, headers })).status).toBe(204);
    await expect(signIn(clientId, secret)).rejects.toMatchObject(refused);
  });
});
