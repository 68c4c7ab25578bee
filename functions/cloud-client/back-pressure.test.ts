/** The refusal of a recording server when it, or its customer, sends more than an instance takes. */
import { RateLimits } from '../../shared/http/rate-limits';
import { openApiDocument } from '../../shared/http/openapi';
import { newId } from '../../shared/ids';
import { WorkLimits } from '../../shared/work-limits';
import type { Services } from '../../shared/services';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { cloudClientOperations } from './index';

let test: RecordingServerTest;
let serverId: string;

beforeAll(async () => {
  test = await startRecordingServerTest();
});

beforeEach(async () => {
  test.newCustomer();
  serverId = await test.register();
});

afterAll(() => test.close());

/** The service with lower limits than the others, as if it had just started. */
function limitedTo(limits: Partial<Services['config']['requests']>): Services {
  const requests = { ...test.services.config.requests, ...limits };
  return {
    ...test.services,
    rateLimits: new RateLimits(requests),
    workLimits: new WorkLimits(requests, test.clock),
  };
}

const heartbeat = (services: Services, id = serverId) => {
  const numbers = {
    cpuPercent: 1,
    memoryPercent: 1,
    networkSendKbps: 0,
    networkReceiveKbps: 0,
    liveSessions: 0,
  };
  const body = { services: 'running', ...numbers, storage: [], clientTime: test.time() };
  return test.send('sendHeartbeat', { params: { serverId: id }, body }, test.customerId, services);
};
const events = (services: Services, sessionId: string, count: number, batchId = newId()) => {
  const one = () => ({ id: newId(), type: 'appStart', time: test.time(), data: { appName: 'a.exe' } });
  const body = { batchId, sessionId, events: Array.from({ length: count }, one) };
  return test.send('sendEvents', { body }, test.customerId, services);
};
const statuses = async (answers: Promise<{ status: number }>[]) =>
  (await Promise.all(answers)).map(({ status }) => status);

const operations = cloudClientOperations.filter(({ access }) => access === 'cloud-client');

const methodOf = (id: string) => operations.find((operation) => operation.id === id)?.method;

it.each(operations.map(({ id }) => id))(
  'CCL-6: %s is refused with 429 and Retry-After when the servers of the customer send too much, before its body is read',
  async (id) => {
    const services = limitedTo({ customerServersPerMinute: 6 });
    expect((await heartbeat(services)).status).toBe(200);
    const params = { serverId, sessionId: newId(), recordingId: newId(), commandId: newId() };
    const body = methodOf(id) === 'GET' ? {} : { body: 'no JSON' };
    const refused = await test.send(id, { params, ...body }, test.customerId, services);
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '10' },
      body: { code: 'too-many-requests' },
    });
    const other = newId();
    const ofOther = await test.register({}, other);
    const asked = await test.send('fetchCommands', { params: { serverId: ofOther } }, other, services);
    expect(asked.status).toBe(200);
  },
);

it.each(operations.map(({ id }) => id))(
  'CCL-6: the API description of %s names the 429 with its Retry-After',
  (id) => {
    const description = { title: '', version: '', description: '', serverUrl: '', tags: [] };
    const document = openApiDocument(
      operations.filter((operation) => operation.id === id),
      description,
    );
    const [methods = {}] = Object.values(document['paths'] as Record<string, Record<string, unknown>>);
    expect(Object.values(methods)).toEqual([
      expect.objectContaining({
        responses: expect.objectContaining({
          429: expect.objectContaining({ headers: { 'Retry-After': expect.anything() as object } }) as object,
        }) as object,
      }),
    ]);
  },
);

it('CCL-6: one server that sends too much is refused, its neighbours are not', async () => {
  const services = limitedTo({ serverPerMinute: 12 });
  const second = await test.register({ machineId: newId(), hostName: 'REC02' });
  expect(await statuses([heartbeat(services), heartbeat(services)])).toEqual([200, 200]);
  const refused = await heartbeat(services);
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
  expect((await heartbeat(services, second)).status).toBe(200);
  test.clock.advanceSeconds(5);
  expect((await heartbeat(services)).status).toBe(200);
});

it('CCL-6: requests about sessions and recordings count for the server that they belong to', async () => {
  const sessionId = await test.startSession(serverId);
  const services = limitedTo({ serverPerMinute: 24 });
  const begin = () => {
    const body = { sessionId, part: 1, container: 'mp4', startedAt: test.time() };
    return test.send('beginRecording', { body }, test.customerId, services);
  };
  const answers = [
    await events(services, sessionId, 1),
    await begin(),
    await test.send(
      'endSession',
      { params: { sessionId }, body: { endedAt: test.time() } },
      test.customerId,
      services,
    ),
    await heartbeat(services),
    await events(services, sessionId, 1),
    await begin(),
    await heartbeat(services),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 200, 200, 200, 429, 429, 429]);
});

it('CCL-6: a server that sends too many events waits with them, and is not offline meanwhile', async () => {
  const sessionId = await test.startSession(serverId);
  const services = limitedTo({ serverEventsPerMinute: 60 });
  const batchId = newId();
  expect((await events(services, sessionId, 90)).status).toBe(202);
  expect(await events(services, sessionId, 10, batchId)).toMatchObject({
    status: 429,
    headers: { 'retry-after': '31' },
  });
  expect((await heartbeat(services)).status).toBe(200);
  test.clock.advanceSeconds(31);
  expect(await events(services, sessionId, 10, batchId)).toMatchObject({
    status: 202,
    body: { batchId, receivedEvents: 10 },
  });
});

it('CCL-6: events that take too long to match make their customer wait, not another one', async () => {
  const sessionId = await test.startSession(serverId);
  const services = limitedTo({ customerMatchingMsPerMinute: 6_000 });
  services.workLimits.matching.matched(test.customerId, 1, 2_000);
  expect(await events(services, sessionId, 1)).toMatchObject({
    status: 429,
    headers: { 'retry-after': '11' },
  });
  expect((await heartbeat(services)).status).toBe(200);
  const slow = test.customerId;
  test.newCustomer();
  const other = await test.startSession(await test.register({ machineId: newId() }));
  expect((await events(services, other, 1)).status).toBe(202);
  test.customerId = slow;
  test.clock.advanceSeconds(11);
  expect((await events(services, sessionId, 1)).status).toBe(202);
});
