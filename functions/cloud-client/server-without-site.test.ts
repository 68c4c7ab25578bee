/** A server whose site was deleted: nothing is done in a site that does not exist, and nothing is lost. */
import { call, type TestRequest } from '../../tests/support/call';
import { IDLE_STATE } from '../../tests/support/idle-state';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { newId } from '../../shared/ids';
import { operations } from '../operations';
import { serverType } from '../servers/server';

let test: RecordingServerTest;
let token: string;
let serverId: string;
let sessionId: string;
let deadSite: string;

const WITHOUT_SITE = { status: 409, body: { code: 'server-without-site' } };

async function administrator(id: string, request: TestRequest) {
  const operation = operations.find((item) => item.id === id);
  if (!operation) throw new Error(`there is no operation ${id}`);
  return call(test.services, operation, { token, ...request });
}
const control = () => test.services.database.control(test.customerId);
const server = async () => {
  const found = await control().read(serverType, serverId);
  if (!found) throw new Error('there is no server');
  return found;
};
const beat = () =>
  test.send('sendHeartbeat', { params: { serverId }, body: { ...IDLE_STATE, clientTime: test.time() } });
const presence = async () => (await test.storedOf('presence')).toSorted();
const removeServer = async () => {
  await test.send('unregisterServer', { params: { serverId } });
  const { headers } = await administrator('getServer', { params: { serverId } });
  const removed = { params: { serverId }, headers: { 'if-match': String(headers['etag']) } };
  expect(await administrator('removeServer', removed)).toMatchObject({ status: 204 });
};
const deleteSite = async () => {
  const params = { siteId: deadSite };
  const { headers } = await administrator('getSite', { params });
  const request = { params, headers: { 'if-match': String(headers['etag']) } };
  expect(await administrator('deleteSite', request)).toMatchObject({ status: 204 });
};

/** What a server delivers, by its operation. */
const deliveries = () => {
  const samples = [{ time: test.time(), cpuPercent: 1, memoryPercent: 2 }];
  const event = { id: newId(), type: 'appStart', time: test.time(), data: { appName: 'a.exe' } };
  const session = { serverId, sessionKey: 'logon 2', startedAt: test.time(), facts: FACTS };
  return {
    startSession: { body: session },
    rollOverSession: { params: { sessionId }, body: { part: 2 } },
    endSession: { params: { sessionId }, body: { endedAt: test.time() } },
    sendEvents: { body: { batchId: newId(), sessionId, events: [event] } },
    beginRecording: { body: { sessionId, part: 1, container: 'webm', startedAt: test.time() } },
    sendPerformanceSamples: { body: { batchId: newId(), serverId, samples } },
  } satisfies Record<string, TestRequest>;
};
const FACTS = {
  user: { name: 'CONTOSO\\ada', groups: [] },
  application: 'Ledger',
  machine: 'VDA07',
  clientAddress: '10.1.2.3',
  tags: [],
};

beforeEach(async () => {
  test = await startRecordingServerTest();
  token = await test.issuer.token();
  serverId = await test.register();
  expect((await beat()).status).toBe(200);
  sessionId = await test.startSession(serverId);
  deadSite = (await server()).siteId ?? '';
  await test.send('endSession', { params: { sessionId }, body: { endedAt: test.time() } });
  await removeServer();
  await deleteSite();
});
afterEach(() => test.close());

it('SRV-1: a heartbeat of a server whose site was deleted is refused, and changes nothing', async () => {
  const before = [await server(), await presence()];
  for (let repetition = 0; repetition < 2; repetition++)
    expect(await beat()).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect([await server(), await presence()]).toEqual(before);
});

it('CCL-5: nothing is taken from a server whose site was deleted, until it has registered again', async () => {
  for (const [operation, request] of Object.entries(deliveries()))
    expect({ operation, ...(await test.send(operation, request)) }).toMatchObject(WITHOUT_SITE);
  await test.register();
  // The session has ended: it cannot be rolled over, but what was spooled of it may still come.
  const { rollOverSession, ...spooled } = deliveries();
  expect(await test.send('rollOverSession', rollOverSession)).toMatchObject({
    body: { code: 'session-ended' },
  });
  for (const [operation, request] of Object.entries(spooled))
    expect(`${operation} ${(await test.send(operation, request)).status}`).toMatch(/ 20[024]$/);
});

it('CCL-5: segments and the end of a recording wait for a site too', async () => {
  await test.register();
  const begun = await test.send('beginRecording', deliveries().beginRecording);
  const recordingId = String(begun.body['recordingId']);
  await control().replace(serverType, { ...(await server()), siteId: deadSite });
  const block = { blockId: 'AAAA', sizeBytes: 1, sha256: '0'.repeat(64) };
  const params = { recordingId };
  const completion = { params, body: { endedAt: test.time(), blocks: [block] } };
  expect(await test.send('completeRecording', completion)).toMatchObject(WITHOUT_SITE);
  const segment = { sequence: 0, offset: 0, sizeBytes: 1, durationSeconds: 1, startsWithKeyframe: true };
  expect(await test.send('addSegments', { params, body: { segments: [segment] } })).toMatchObject(
    WITHOUT_SITE,
  );
});

it('SRV-1: a server whose site was deleted founds one when it registers, and is available again', async () => {
  const answer = await test.send('registerServer', {
    body: { ...(await machine()), clientTime: test.time() },
  });
  expect(answer.body['siteId']).not.toBe(deadSite);
  expect((await beat()).status).toBe(200);
  expect(await server()).toMatchObject({ status: 'available', siteId: answer.body['siteId'] });
});

async function machine() {
  const { machineId, hostName, operatingSystem, timeZone, serverVersion, clientVersion, database } =
    await server();
  return { machineId, hostName, operatingSystem, timeZone, serverVersion, clientVersion, database };
}
