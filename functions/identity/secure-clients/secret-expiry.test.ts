/** Warnings of secrets that expire: scheduled per customer, one a day and secret, for clients of any age. */
import { runScheduled, startDueSchedules } from '../../../shared/schedules/run-schedules';
import { scheduleType } from '../../../shared/schedules/schedule';
import type { Services } from '../../../shared/services';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { documentType } from '../../../shared/cosmos/document-type';
import { newId } from '../../../shared/ids';
import { call } from '../../../tests/support/call';
import { activityFeed } from '../../../tests/support/logs';
import { MemoryQueues } from '../../../tests/support/memory-storage';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { secureClientOperations } from './operations';
import { secretExpiryWarnings, watchOlderClients } from './secret-expiry';
import { type SecureClient, secureClientType } from '../../../shared/identity/secure-client';

const DAY = 86_400;
const log = lineLog(() => undefined);

let test: TestServices;
let queues: MemoryQueues;
let services: Services;

beforeEach(async () => {
  test = await startTestServices();
  queues = new MemoryQueues();
  services = { ...test.services, queues: queues.asQueues() };
});
afterEach(() => test.close());

const inDays = (days: number) => new Date(test.clock.now().getTime() + days * DAY * 1000).toISOString();
const control = () => services.database.control(CONTOSO);
const warnings = () => activityFeed(services);
const schedules = () => control().list(scheduleType, { limit: 10 });

async function send(id: string, body: object, params: Record<string, string> = {}) {
  const operation = secureClientOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return (await call(services, operation, { token: await test.issuer.token(), params, body })).body;
}

/** What the sweep and the queue do, twice. */
async function runDue(): Promise<void> {
  await startDueSchedules(services, log);
  await startDueSchedules(services, log);
  for (const { message } of queues.sent.splice(0)) {
    await runScheduled([secretExpiryWarnings])(services, message as never, log);
    await runScheduled([secretExpiryWarnings])(services, message as never, log);
  }
}

async function passDays(days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    test.clock.advanceSeconds(DAY);
    await runDue();
  }
}

it('IAM-7: warns once a day of a secret that expires within 30 days, until it expires', async () => {
  const { clientId, secretId, secret } = await send('createSecureClient', {
    name: 'Servers',
    secretExpiresAt: inDays(32.5),
  });
  await passDays(2);
  expect(await warnings()).toEqual([]);
  await passDays(1);
  const expiresAt = inDays(29.5);
  expect(await warnings()).toMatchObject([
    {
      at: '2030-01-18T00:00:00.000Z',
      severity: 'warning',
      message: expect.stringContaining(
        `of secure client "Servers" expires in 29 days, on ${expiresAt}.`,
      ) as string,
      details: { clientId, secretId, expiresAt },
    },
  ]);
  await passDays(40);
  const found = await warnings();
  expect(found).toHaveLength(30);
  expect(found.at(-1)?.message).toContain('expires within a day');
  expect(JSON.stringify(found)).not.toContain(String(secret));
});

it('IAM-7: has one schedule per customer, from the first secret that expires, also by rotation', async () => {
  const { clientId } = await send('createSecureClient', { name: 'Lasting' });
  expect(await schedules()).toEqual([]);
  await send('createSecureClientSecret', { othersExpireAt: inDays(10) }, { id: String(clientId) });
  await send('createSecureClient', { name: 'Servers', secretExpiresAt: inDays(20) });
  expect(await schedules()).toMatchObject([
    { id: 'secretExpiryWarnings', recurrence: { every: 'day', timeZone: 'UTC' } },
  ]);
  await passDays(1);
  expect(await warnings()).toHaveLength(2);
});

it('IAM-7: warns once on a day on which an outage ends', async () => {
  await send('createSecureClient', { name: 'Servers', secretExpiresAt: inDays(20) });
  test.clock.advanceSeconds(3 * DAY - 10 * 3_600);
  await runDue(); // At two in the morning it catches up, hours before the time of that day.
  test.clock.advanceSeconds(8 * 3_600);
  await runDue();
  expect(await warnings()).toMatchObject([{ at: '2030-01-18T00:00:00.000Z' }]);
  expect(await schedules()).toMatchObject([
    { nextRunAt: expect.stringMatching(/^2030-01-19T06:/) as string },
  ]);
});

it('IAM-7: covers clients that were created before there were warnings', async () => {
  const olderType = documentType<SecureClient>('secure-client', { ttlSeconds: 'never', schemaVersion: 1 });
  const client = (name: string, expiresAt: string | undefined): SecureClient => {
    const secret = { id: newId(), hash: 'scrypt$', hint: 'abcd', createdAt: inDays(-300), expiresAt };
    return { id: newId(), name, createdAt: inDays(-300), createdBy: 'Ada', secrets: [secret] };
  };
  const expiring = client('Old', inDays(7));
  await control().create(olderType, client('Lasting', undefined));
  await watchOlderClients(services, log);
  expect(await schedules()).toEqual([]);
  await control().create(olderType, expiring);
  await watchOlderClients(services, log);
  expect(await schedules()).toHaveLength(1);
  const { etag } = (await control().read(secureClientType, expiring.id)) ?? {};
  await watchOlderClients(services, log);
  expect((await control().read(secureClientType, expiring.id))?.etag).toBe(etag);
  await passDays(1);
  expect(await warnings()).toMatchObject([{ details: { clientId: expiring.id } }]);
});
