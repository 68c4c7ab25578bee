/** Registration, heartbeats, silence and desired state, as a recording server and administrators see them. */
import {
  MACHINE,
  type RecordingServerTest,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { call } from '../../tests/support/call';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { activityFeed } from '../../tests/support/logs';
import { lineLog } from '../../shared/telemetry/telemetry';
import { serverOperations } from '../servers';
import { markServersOffline } from '../servers/mark-servers-offline';
import { serverType } from '../servers/server';
import { siteType } from '../sites/site';

let test: RecordingServerTest;

beforeAll(async () => {
  test = await startRecordingServerTest();
});

beforeEach(() => test.newCustomer());

afterAll(() => test.close());

const control = (customerId = test.customerId) => test.services.database.control(customerId);
const sites = (customerId = test.customerId) => control(customerId).list(siteType, { limit: 100 });
const server = async (id: string) => {
  const found = await control().read(serverType, id);
  if (!found) throw new Error('there is no such server');
  return found;
};
const log = lineLog(() => undefined);
const heartbeat = {
  services: 'running',
  cpuPercent: 12.5,
  memoryPercent: 40,
  networkSendKbps: 800,
  networkReceiveKbps: 1200,
  storage: [{ path: 'D:\\Recordings', usedBytes: 1_000, freeBytes: 9_000 }],
  liveSessions: 3,
};
const beat = (serverId: string, more: Record<string, unknown> = {}) =>
  test.send('sendHeartbeat', {
    params: { serverId },
    body: { ...heartbeat, clientTime: test.time(), ...more },
  });

describe('registration', () => {
  it('SRV-1: makes a site named after the first server, which later ones with the same database join', async () => {
    const first = await test.register();
    const second = await test.register({
      machineId: 'other',
      hostName: 'REC02',
      database: { instance: 'sql01\\recording', name: 'CITRIXSESSIONRECORDING' },
    });
    expect((await server(second)).siteId).toBe((await server(first)).siteId);
    expect((await sites()).map(({ name, origin }) => [name, origin])).toEqual([['REC01', 'server']]);
  });

  it('SRV-1: numbers the site of a server whose name another site has, also when they connect at the same moment', async () => {
    const connect = (number: number) =>
      test.register({
        machineId: `machine ${number}`,
        hostName: number % 2 ? 'REC01' : 'rec01',
        database: { instance: `SQL${number}`, name: 'CitrixSessionRecording' },
      });
    await connect(0);
    await Promise.all([1, 2, 3, 4].map(connect));
    const numbers = (await sites()).map(({ name }) => name.replace(/^rec01/i, ''));
    expect(numbers.toSorted()).toEqual(['', ' (2)', ' (3)', ' (4)', ' (5)']);
    await Promise.all([1, 2, 3, 4].map(connect));
    expect(await sites()).toHaveLength(5);
  });

  it('SRV-1: ends in one site when many servers with one database connect at the same moment', async () => {
    const machines = Array.from({ length: 8 }, (_, index) => `machine ${index}`);
    const ids = await Promise.all(machines.map((machineId) => test.register({ machineId })));
    expect(new Set(ids).size).toBe(8);
    const siteIds = new Set(await Promise.all(ids.map(async (id) => (await server(id)).siteId)));
    expect(siteIds.size).toBe(1);
    expect(await sites()).toHaveLength(1);
  });

  it('CCL-1: ends in one server when one machine registers many times at once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => test.register()));
    expect(new Set(ids).size).toBe(1);
    expect(await control().list(serverType, { limit: 10 })).toHaveLength(1);
    expect(await activityFeed(test.services, test.customerId)).toHaveLength(1);
  });

  it('SRV-1: keeps a server in the site that it was moved to, whatever its database', async () => {
    const id = await test.register();
    const other = await test.register({ machineId: 'b', database: { instance: 'SQL02', name: 'Other' } });
    const { siteId } = await server(other);
    await control().replace(serverType, { ...(await server(id)), siteId });
    await test.register({ serverVersion: '24.2.0.200' });
    expect(await server(id)).toMatchObject({ siteId, serverVersion: '24.2.0.200' });
  });

  it('SRV-2: leaves a machine without the server component without a site, ready to install', async () => {
    const id = await test.register({ serverVersion: undefined, database: undefined });
    expect(await server(id)).toMatchObject({ status: 'readyToInstall' });
    expect((await server(id)).siteId).toBeUndefined();
    await beat(id);
    expect((await server(id)).status).toBe('readyToInstall');
    await test.register();
    expect(await server(id)).toMatchObject({ status: 'discovered', siteId: expect.any(String) as string });
  });

  it.each(['19.12.6000.24093', '22.03.0.0', '2203', '25.4.0.1'])(
    'takes a server of version %s',
    async (serverVersion) => {
      expect(await test.register({ serverVersion })).toEqual(expect.any(String));
    },
  );

  it.each(['20.3.0.0', '21.12.0.1', '1811', '22.2.9.9'])(
    'SRV-6: refuses a server of version %s',
    async (serverVersion) => {
      const body = { ...MACHINE, clientTime: test.time(), serverVersion };
      const answer = await test.send('registerServer', { body });
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'server-version-not-supported', found: serverVersion },
      });
      expect(await control().list(serverType, { limit: 10 })).toEqual([]);
    },
  );

  it.each([
    ['/timeZone', { timeZone: 'Mars/Olympus' }],
    ['/clientVersion', { clientVersion: 'newest' }],
    ['/hostName', { hostName: ' ' }],
    ['/color', { color: 'red' }],
  ])('names %s when it is not as it should be', async (pointer, machine) => {
    const body = { ...MACHINE, clientTime: test.time(), ...machine };
    const answer = await test.send('registerServer', { body });
    expect(answer.body.errors).toMatchObject([{ pointer }]);
  });
});

describe('heartbeats', () => {
  it('CCL-2: make a server available, and tell what it may want to fetch', async () => {
    const serverId = await test.register();
    expect((await server(serverId)).status).toBe('discovered');
    const answer = await beat(serverId);
    expect(answer.body).toMatchObject({ commandsWaiting: false, clockSkewMilliseconds: 0 });
    expect((await server(serverId)).status).toBe('available');
    const configuration = await test.send('getServerConfiguration', { params: { serverId } });
    expect(answer.body['configurationEtag']).toBe(configuration.headers['etag']);
  });

  it('do not touch the server itself while nothing changes', async () => {
    const serverId = await test.register();
    await beat(serverId);
    const { etag } = await server(serverId);
    test.clock.advanceSeconds(60);
    await beat(serverId);
    expect((await server(serverId)).etag).toBe(etag);
  });

  it('SRV-3: put a server whose client is too old into maintenance, with the remedy', async () => {
    const serverId = await test.register({ clientVersion: '7.30.0.0' });
    await beat(serverId);
    expect(await server(serverId)).toMatchObject({
      status: 'maintenance',
      statusReason: expect.stringContaining('7.30.0.0') as string,
    });
    await test.register();
    await beat(serverId);
    expect((await server(serverId)).status).toBe('available');
    expect((await server(serverId)).statusReason).toBeUndefined();
  });

  it('are refused from a server that was unregistered, until it registers again', async () => {
    const serverId = await test.register();
    const unregister = () => test.send('unregisterServer', { params: { serverId } });
    expect((await unregister()).status).toBe(204);
    expect((await unregister()).status).toBe(204);
    expect((await server(serverId)).status).toBe('uninstalled');
    expect(await beat(serverId)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    await test.register();
    expect((await beat(serverId)).status).toBe(200);
  });

  it("measure how far the server's clock is off", async () => {
    const serverId = await test.register();
    await beat(serverId, { clientTime: test.time(-300) });
    const answer = await beat(serverId, { clientTime: test.time(-300) });
    expect(answer.body['clockSkewMilliseconds']).toBe(300_000);
  });

  it('CCL-5: do not spoil the times that follow when one of them has an absurd clock', async () => {
    const serverId = await test.register();
    for (const clientTime of ['0001-01-01T00:00:00Z', test.time(), '9999-12-31T23:59:59Z']) {
      const answer = await beat(serverId, { clientTime });
      expect(answer.body['clockSkewMilliseconds']).toBe(0);
    }
  });

  it('are answered with 404 for a server of another customer', async () => {
    const serverId = await test.register({}, FABRIKAM);
    expect((await beat(serverId)).status).toBe(404);
  });
});

describe('silence', () => {
  /** A service that has been receiving since long ago looks for silent servers. */
  const sweepServers = () => markServersOffline(test.services, log, { receivingSince: new Date(0) });

  it('SRV-3: makes a server offline after three missed heartbeats, and the next one available again', async () => {
    const serverId = await test.register();
    test.clock.advanceSeconds(1);
    await beat(serverId);
    test.clock.advanceSeconds(179);
    await sweepServers();
    expect((await server(serverId)).status).toBe('available');
    test.clock.advanceSeconds(1);
    await sweepServers();
    expect((await server(serverId)).status).toBe('offline');
    test.clock.advanceSeconds(1);
    await beat(serverId);
    expect((await server(serverId)).status).toBe('available');
    const messages = (await activityFeed(test.services, test.customerId)).map(
      ({ details }) => details?.['status'],
    );
    expect(messages).toEqual(['discovered', 'available', 'offline', 'available']);
  });

  it('SRV-3: is looked at once: a server that is offline costs later sweeps nothing', async () => {
    const serverId = await test.register();
    test.clock.advanceSeconds(200);
    await sweepServers();
    let requests = 0;
    test.injectFault((request, next) => {
      requests += 1;
      return next(request);
    });
    await sweepServers();
    test.injectFault(undefined);
    const [heartbeats] = await test.storedOf('presence');
    expect(heartbeats).not.toContain('dueAt');
    expect(requests).toBeLessThanOrEqual(3);
    expect((await server(serverId)).status).toBe('offline');
  });

  it('of one server that cannot be marked does not keep the others', async () => {
    const broken = await test.register();
    const other = await test.register({ machineId: 'other' });
    test.clock.advanceSeconds(200);
    test.injectFault((request, next) =>
      request.method === 'GET' && request.path.includes(broken)
        ? Promise.resolve({ status: 503, headers: {}, body: '{}' })
        : next(request),
    );
    await sweepServers();
    test.injectFault(undefined);
    expect((await server(other)).status).toBe('offline');
    await sweepServers();
    expect((await server(broken)).status).toBe('offline');
  });
});

describe('the configuration', () => {
  it('CCL-3: is answered with 304 while the server has it', async () => {
    const serverId = await test.register();
    const first = await test.send('getServerConfiguration', { params: { serverId } });
    expect(first.body).toMatchObject({
      site: { onPremisesPlayersEnabled: true },
      policies: { eventDetection: null },
    });
    const headers = { 'if-none-match': first.headers['etag'] ?? '' };
    const again = await test.send('getServerConfiguration', { params: { serverId }, headers });
    expect(again).toMatchObject({ status: 304, text: '' });
    const other = { 'if-none-match': '"other"' };
    expect((await test.send('getServerConfiguration', { params: { serverId }, headers: other })).status).toBe(
      200,
    );
  });

  it('has no site and no policies for an unallocated server', async () => {
    const serverId = await test.register({ serverVersion: undefined, database: undefined });
    const { body } = await test.send('getServerConfiguration', { params: { serverId } });
    expect(body).toMatchObject({ site: null, policies: null });
  });

  it('CCL-3: takes reports of what was applied', async () => {
    const serverId = await test.register();
    const sections = [{ name: 'site', state: 'failed', reason: 'disk full' }];
    const report = { params: { serverId }, body: { etag: '"1"', sections } };
    expect((await test.send('reportServerConfiguration', report)).status).toBe(204);
    expect((await test.storedOf('presence')).join()).toContain('disk full');
  });
});

describe('administrators', () => {
  const [listServers, getServer] = serverOperations;
  if (!listServers || !getServer) throw new Error('operations are missing');

  beforeEach(() => {
    test.customerId = CONTOSO; // Administrators sign in there.
  });

  it('SRV-5: see servers page by page, of a site, unallocated, or in a state', async () => {
    const token = await test.issuer.token();
    const ids = await Promise.all(['a', 'b', 'c'].map((machineId) => test.register({ machineId })));
    const bare = await test.register({ machineId: 'd', serverVersion: undefined, database: undefined });
    await beat(ids[0] ?? '');
    const list = async (query: string) => {
      const { body } = await call(test.services, listServers, { token, query });
      return (body['value'] as { id: string }[]).map(({ id }) => id);
    };
    const { siteId = '' } = await server(ids[0] ?? '');
    expect(await list('')).toEqual([...ids, bare].toSorted());
    expect(await list(`?siteId=${siteId}`)).toEqual(ids.toSorted());
    expect(await list('?unallocated=true')).toEqual([bare]);
    expect(await list('?status=available')).toEqual([ids[0]]);
    const { body } = await call(test.services, listServers, { token, query: '?top=3' });
    const rest = new URL(String(body['nextLink'])).search;
    expect(await list(rest)).toEqual([...ids, bare].toSorted().slice(3));
  });

  it('see what the last heartbeat reported', async () => {
    const token = await test.issuer.token();
    const serverId = await test.register({ machineId: 'e' });
    await beat(serverId);
    test.clock.advanceSeconds(60);
    await beat(serverId, { liveSessions: 9 });
    const { body } = await call(test.services, getServer, { token, params: { serverId } });
    expect(body).toMatchObject({
      status: 'available',
      lastSeenAt: test.time(),
      machine: { liveSessions: 9 },
    });
  });
});
