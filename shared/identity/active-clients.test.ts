import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { CONTOSO } from '../../tests/support/test-issuer';
import { ActiveClients } from './active-clients';
import type { ClientCaller } from './caller';
import { secureClientType } from './secure-client';

const ID = '5ecc11e0-0000-4000-8000-000000000001';
let test: TestServices;
let clients: ActiveClients;

beforeEach(async () => {
  test = await startTestServices();
  clients = new ActiveClients(test.services.database, test.clock);
  await write('first');
});
afterEach(() => test.close());

const control = () => test.services.database.control(CONTOSO);
const secret = (id: string, expiresAt?: string) => ({ id, hash: '', hint: '', createdAt: '', expiresAt });
const write = (...secrets: string[]) =>
  control().upsert(secureClientType, {
    id: ID,
    name: 'Servers',
    createdAt: '',
    createdBy: '',
    secrets: secrets.map((id) => secret(id)),
  });
const withSecret = (secretId: string | undefined): ClientCaller => ({
  type: 'client',
  customerId: CONTOSO,
  id: ID,
  name: 'Servers',
  secretId,
});
const isAccepted = (secretId: string | undefined) =>
  clients.require(withSecret(secretId)).then(
    () => true,
    (error: { code?: string }) => error.code !== 'unauthenticated',
  );

describe('IAM-7: a token', () => {
  it('is refused within 30 seconds after its secret was removed', async () => {
    expect(await isAccepted('first')).toBe(true);
    await write('second');
    test.clock.advanceSeconds(25);
    expect(await isAccepted('first')).toBe(false);
  });

  it('is refused as soon as its secret has expired', async () => {
    const expiresAt = new Date(test.clock.now().getTime() + 10_000).toISOString();
    await control().upsert(secureClientType, {
      id: ID,
      name: 'Servers',
      createdAt: '',
      createdBy: '',
      secrets: [secret('first', expiresAt)],
    });
    expect(await isAccepted('first')).toBe(true);
    test.clock.advanceSeconds(10);
    expect(await isAccepted('first')).toBe(false);
  });

  it('of a secret that was just added is accepted at once, on instances that know the client already', async () => {
    expect(await isAccepted('first')).toBe(true);
    await write('first', 'second');
    expect(await isAccepted('second')).toBe(true);
  });

  it('of an earlier version, which names no secret, is accepted while the client exists', async () => {
    expect(await isAccepted(undefined)).toBe(true);
    await control().remove(secureClientType, ID);
    test.clock.advanceSeconds(25);
    expect(await isAccepted(undefined)).toBe(false);
  });

  it('costs one read in 15 seconds, however many requests use it at once', async () => {
    let reads = 0;
    test.injectFault((request, next) => {
      reads += 1;
      return next(request);
    });
    await Promise.all(Array.from({ length: 20 }, () => isAccepted('first')));
    await isAccepted('first');
    expect(reads).toBe(1);
  });

  it('is neither accepted nor refused while the database is away, and accepted after that', async () => {
    test.injectFault(() => Promise.reject(new Error('the database is away')));
    await expect(clients.require(withSecret('first'))).rejects.not.toMatchObject({ code: 'unauthenticated' });
    test.injectFault(undefined);
    expect(await isAccepted('first')).toBe(true);
  });
});
