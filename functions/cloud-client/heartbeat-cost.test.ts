/** What heartbeats cost in requests of the database, and what they see in time although they read little. */
import { IDLE_STATE } from '../../tests/support/idle-state';
import {
  type RecordingServerTest,
  SECURE_CLIENT,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { queueCommand } from '../servers';
import { markServersOffline } from '../servers/mark-servers-offline';
import { heartbeatType } from '../servers/heartbeat';
import { type Server, serverType } from '../servers/server';
import { siteType } from '../sites/site';
import type { Services } from '../../shared/services';
import { lineLog } from '../../shared/telemetry/telemetry';

const SERVERS = 30;
const log = lineLog(() => undefined);

let test: RecordingServerTest;
/** Another instance of the app: what it changes, the one under test learns from the database alone. */
let elsewhere: Services;

beforeAll(async () => {
  test = await startRecordingServerTest();
  elsewhere = { ...test.otherProcess(), blobs: test.services.blobs };
});
beforeEach(() => test.newCustomer());
afterAll(() => test.close());

const heartbeat = (serverId: string, services?: Services) =>
  test.send(
    'sendHeartbeat',
    { params: { serverId }, body: { ...IDLE, clientTime: test.time() } },
    undefined,
    services,
  );
const machine = (index: number) => ({
  machineId: `7d1a5cf2-0c57-4f6b-9c8e-${String(index).padStart(12, '0')}`,
});
const controlOf = (services: Services) => services.database.control(test.customerId);
const storedServer = async (serverId: string) => {
  const server = await controlOf(elsewhere).read(serverType, serverId);
  if (!server) throw new Error('there is no server');
  return server;
};
const changeElsewhere = async (serverId: string, changes: Partial<Server>) => {
  await controlOf(elsewhere).replace(serverType, { ...(await storedServer(serverId)), ...changes });
};
const queueElsewhere = (serverId: string, id: string) =>
  queueCommand(elsewhere, {
    id,
    customerId: test.customerId,
    serverId,
    kind: 'lockSession',
    parameters: {},
    expiresAt: new Date(test.clock.now().getTime() + 600_000),
  });

const IDLE = {
  ...IDLE_STATE,
};

it('CCL-2: a heartbeat costs at most two requests of the database', async () => {
  const ids: string[] = [];
  for (let index = 0; index < SERVERS; index += 1) ids.push(await test.register(machine(index)));
  for (const id of ids) await heartbeat(id);
  let requests = 0;
  test.injectFault((request, next) => {
    requests += 1;
    return next(request);
  });
  for (let minute = 0; minute < 3; minute += 1) {
    for (const id of ids) {
      test.clock.advanceSeconds(60 / SERVERS);
      expect((await heartbeat(id)).status).toBe(200);
    }
  }
  test.injectFault(undefined);
  expect(requests / (3 * SERVERS)).toBeLessThanOrEqual(2);
});

it('CCL-4: a heartbeat announces a command that another instance queued, until it has ended', async () => {
  const id = await test.register();
  const waiting = async () => (await heartbeat(id)).body['commandsWaiting'];
  expect([await waiting(), await waiting()]).toEqual([false, false]);
  await queueElsewhere(id, 'c');
  expect([await waiting(), await waiting()]).toEqual([true, true]);
  await test.send('fetchCommands', { params: { serverId: id } });
  expect(await waiting()).toBe(false);
  // The client that fetched it was killed: its lease ends.
  test.clock.advanceSeconds(61);
  expect(await waiting()).toBe(true);
  await test.send('answerCommand', {
    params: { serverId: id, commandId: 'c' },
    body: { status: 'succeeded' },
  });
  expect([await waiting(), await waiting()]).toEqual([false, false]);
});

it('CCL-4: a command for a server without a heartbeat is announced by its first one', async () => {
  const id = await test.register();
  await test.services.database.presence(test.customerId, id).remove(heartbeatType, 'last');
  expect(await queueElsewhere(id, 'c')).toBe('queued');
  expect(await queueElsewhere(id, 'c')).toBe('exists');
  expect((await heartbeat(id)).body['commandsWaiting']).toBe(true);
});

it('SRV-3: a server that another instance marked offline is available with its next heartbeat', async () => {
  const id = await test.register();
  await heartbeat(id);
  // Another server keeps the cache of this instance fresh, with the status before.
  const neighbor = await test.register(machine(1));
  test.clock.advanceSeconds(181);
  await heartbeat(neighbor);
  await markServersOffline(elsewhere, log, { receivingSince: new Date(0) });
  expect((await storedServer(id)).status).toBe('offline');
  await heartbeat(id);
  expect((await storedServer(id)).status).toBe('available');
});

it('CCL-1: a server that another instance gave to another client is cut off within 30 seconds', async () => {
  const id = await test.register();
  await heartbeat(id);
  await changeElsewhere(id, { clientId: 'c11e0000-0000-4000-8000-00000000000f' });
  test.clock.advanceSeconds(30);
  expect((await heartbeat(id)).status).toBe(404);
  // And one that it gave back is served at once.
  await changeElsewhere(id, { clientId: SECURE_CLIENT });
  expect((await heartbeat(id)).status).toBe(200);
});

it('CCL-3: a change that another instance made is announced within 15 seconds', async () => {
  const id = await test.register();
  const etag = async () => (await heartbeat(id)).body['configurationEtag'];
  const before = await etag();
  const { siteId = '' } = await storedServer(id);
  const site = await controlOf(elsewhere).read(siteType, siteId);
  if (!site) throw new Error('there is no site');
  await controlOf(elsewhere).replace(siteType, { ...site, name: 'Renamed' });
  test.clock.advanceSeconds(15);
  const after = await etag();
  expect(after).not.toBe(before);
  const { headers } = await test.send('getServerConfiguration', { params: { serverId: id } });
  expect(headers['etag'] ?? headers['ETag']).toBe(after);
});
