/** Servers as administrators handle them: moved, removed, planned, and without the server component. */
import { IDLE_STATE } from '../../tests/support/idle-state';
import { activityFeed, auditLog } from '../../tests/support/logs';
import { call, type TestRequest } from '../../tests/support/call';
import {
  MACHINE,
  type RecordingServerTest,
  SECURE_CLIENT,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { CONTOSO } from '../../tests/support/test-issuer';
import { newId } from '../../shared/ids';
import { lineLog } from '../../shared/telemetry/telemetry';
import { recordingOperations } from '../recordings';
import { siteCreation } from '../sites';
import { change } from '../../shared/cosmos/partition';
import { earlierDatabaseKey } from '../sites/database-identity';
import { databaseReservationType, siteType } from '../sites/site';
import { markServersOffline } from './mark-servers-offline';
import { serverOperations } from './operations';
import { planMachines, setupStarted } from './planned-machines';
import { type Server, serverType } from './server';
import { SERVER_STATUSES } from './server-status';

let test: RecordingServerTest;
let token: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  token = await test.issuer.token();
});
afterEach(() => test.close());

const control = () => test.services.database.control(CONTOSO);
const stored = async (id: string) => {
  const server = await control().read(serverType, id);
  if (!server) throw new Error('there is no such server');
  return server;
};
const send = (operationId: string, request: TestRequest = {}) => {
  const operation = [...serverOperations, ...recordingOperations].find(({ id }) => id === operationId);
  if (!operation) throw new Error(`there is no operation ${operationId}`);
  return call(test.services, operation, { token, ...request });
};
const listed = async (query = '') => {
  const { body } = await send('listServers', { query });
  return (body['value'] as Server[]).map(({ id }) => id);
};
const patch = async (serverId: string, body: object, etag?: string) =>
  send('changeServer', {
    params: { serverId },
    body,
    headers: { 'if-match': etag ?? (await stored(serverId)).etag },
  });
const remove = async (serverId: string, headers?: Record<string, string>) =>
  send('removeServer', {
    params: { serverId },
    headers: headers ?? { 'if-match': (await stored(serverId)).etag },
  });
const beat = (serverId: string) =>
  test.send('sendHeartbeat', {
    params: { serverId },
    body: {
      ...IDLE_STATE,
      clientTime: test.time(),
    },
  });
async function newSite(database?: { instance: string; name: string }): Promise<string> {
  const id = newId();
  const site = {
    id,
    name: id,
    description: '',
    database,
    origin: 'created' as const,
    createdAt: test.time(),
  };
  await control().commit(siteCreation(site));
  return id;
}

describe('SRV-5: a server that is moved to another site', () => {
  const OTHER = { instance: 'SQL99', name: 'Other' };

  it('stays there whenever it registers, and shows that the database is another one', async () => {
    const serverId = await test.register();
    const siteId = await newSite(OTHER);
    const moved = await patch(serverId, { siteId });
    expect(moved).toMatchObject({ status: 200, body: { siteId } });
    expect(moved.body['warnings']).toEqual([expect.stringContaining('Other on SQL99')]);
    await test.register({ serverVersion: '24.2.0.200' });
    await test.register({ serverVersion: undefined, database: undefined });
    await test.register();
    expect(await stored(serverId)).toMatchObject({ siteId, siteAssigned: true });
    const entries = await auditLog(test.services, CONTOSO);
    expect(entries.filter(({ action }) => action === 'server.change')).toMatchObject([
      { serverId, siteId, new: { siteId } },
    ]);
  });

  it('has no warning where the database is the same but for its case, or the site names none', async () => {
    const serverId = await test.register();
    for (const database of [undefined, { instance: 'sql07', name: 'X' }]) {
      const siteId = await newSite(database);
      await control().replace(serverType, {
        ...(await stored(serverId)),
        database: { instance: 'SQL07', name: 'x' },
      });
      expect((await patch(serverId, { siteId })).body['warnings']).toBeUndefined();
    }
  });

  it('leaves its running session and its recordings at the former site', async () => {
    const serverId = await test.register();
    const { siteId: before } = await stored(serverId);
    const sessionId = await test.startSession(serverId);
    await patch(serverId, { siteId: await newSite() });
    const body = { sessionId, part: 1, container: 'events', startedAt: test.time() };
    expect((await test.send('beginRecording', { body })).status).toBe(200);
    const { body: found } = await send('listRecordings', { query: `?siteId=${before}` });
    expect(found['value']).toMatchObject([{ sessionId, siteId: before, serverId }]);
  });

  it('needs a site of the customer, and If-Match with the current ETag', async () => {
    const serverId = await test.register();
    for (const siteId of [newId(), 'nowhere'])
      expect(await patch(serverId, { siteId })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/siteId' }] },
      });
    const siteId = await newSite();
    expect((await patch(serverId, { siteId }, '"other"')).status).toBe(412);
    expect((await send('changeServer', { params: { serverId }, body: { siteId } })).status).toBe(428);
  });

  it('cannot become unallocated while it has the server component', async () => {
    const serverId = await test.register();
    expect(await patch(serverId, { siteId: null })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    const bare = await test.register({ machineId: 'bare', serverVersion: undefined, database: undefined });
    const siteId = await newSite();
    expect((await patch(bare, { siteId })).body).toMatchObject({ siteId, status: 'readyToInstall' });
    expect((await patch(bare, { siteId: null })).body['siteId']).toBeUndefined();
  });

  it.each(SERVER_STATUSES)('can be changed while it is %s, unless it is deleted', async (status) => {
    const serverId = await test.register();
    await control().replace(serverType, { ...(await stored(serverId)), status });
    const answer = await patch(serverId, { siteId: await newSite(), description: 'x' });
    expect(answer.status).toBe(status === 'deleted' ? 409 : 200);
  });

  it('is shown in a form that can be sent back', async () => {
    const serverId = await test.register();
    const { body: moved } = await patch(serverId, { siteId: await newSite(OTHER) });
    expect(await patch(serverId, { ...moved, description: 'again' })).toMatchObject({
      status: 200,
      body: { description: 'again' },
    });
  });
});

describe('SRV-4: the removal of a server', () => {
  it('takes it out of the list, keeps its recordings, and ends when it reconnects', async () => {
    const serverId = await test.register();
    const sessionId = await test.startSession(serverId);
    const body = { sessionId, part: 1, container: 'events', startedAt: test.time() };
    await test.send('beginRecording', { body });
    await test.send('unregisterServer', { params: { serverId } });
    expect((await remove(serverId)).status).toBe(204);
    expect(await listed()).toEqual([]);
    expect(await listed('?status=deleted')).toEqual([serverId]);
    const { body: found } = await send('listRecordings', {});
    expect(found['value']).toMatchObject([{ serverId }]);
    const entries = await auditLog(test.services, CONTOSO);
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'server.remove', serverId, old: { status: 'uninstalled' } }),
    );
    const feed = await activityFeed(test.services, CONTOSO);
    const removal = feed.find(({ details }) => details?.['status'] === 'deleted');
    expect(removal).toMatchObject({ category: 'serverStatus', serverId });
    expect(await test.register()).toBe(serverId);
    expect(await listed()).toEqual([serverId]);
  });

  it('ends with the next heartbeat of a server that was only offline, not by what it delivers before', async () => {
    const serverId = await test.register();
    const sessionId = await test.startSession(serverId);
    await control().replace(serverType, { ...(await stored(serverId)), status: 'offline' });
    await remove(serverId);
    await test.startSession(serverId, { sessionKey: 'logon 2' });
    const event = { id: newId(), type: 'appStart', time: test.time(), data: { appName: 'a.exe' } };
    const batch = { batchId: newId(), sessionId, events: [event] };
    expect((await test.send('sendEvents', { body: batch })).status).toBe(202);
    expect((await stored(serverId)).status).toBe('deleted');
    await beat(serverId);
    expect((await stored(serverId)).status).toBe('available');
  });

  it('is refused in any state but three, and without the current ETag', async () => {
    const serverId = await test.register();
    const allowed: string[] = [];
    for (const status of SERVER_STATUSES) {
      await control().replace(serverType, { ...(await stored(serverId)), status });
      const answer = await remove(serverId);
      if (answer.status === 204) allowed.push(status);
      else expect(answer).toMatchObject({ status: 409, body: { code: 'conflict', from: status } });
    }
    expect(allowed).toEqual(['offline', 'installationFailed', 'uninstalled', 'deleted']);
    expect((await remove(serverId, {})).status).toBe(428);
    expect((await remove(serverId, { 'if-match': '"other"' })).status).toBe(412);
  });
});

describe('SRV-2: a machine whose server component was uninstalled', () => {
  it('belongs to no site, and joins the site of its database when the component is there again', async () => {
    const serverId = await test.register();
    const { siteId } = await stored(serverId);
    await test.register({ serverVersion: undefined, database: undefined });
    expect(await stored(serverId)).toMatchObject({ status: 'readyToInstall' });
    expect(await listed('?unallocated=true')).toEqual([serverId]);
    await test.register();
    expect(await stored(serverId)).toMatchObject({ status: 'discovered', siteId });
  });
});

describe('SRV-3: a machine of a template', () => {
  const names = ['sr-abc-0', 'sr-abc-1'];
  let siteId: string;
  beforeEach(async () => {
    siteId = await newSite();
    await planMachines(test.services, { customerId: CONTOSO, siteId, names });
  });

  const machines = async () => {
    const { body } = await send('listServers', { query: `?siteId=${siteId}` });
    const servers = (body['value'] as Server[]).map(({ hostName, status }) => [hostName, status]);
    return Object.fromEntries(servers) as Record<string, string>;
  };
  const startSetup = async (name: string) =>
    control().commit(
      await setupStarted(test.services, { customerId: CONTOSO, siteId, name, clientId: SECURE_CLIENT }),
    );
  const sweep = () =>
    markServersOffline(
      test.services,
      lineLog(() => undefined),
      { receivingSince: new Date(0) },
    );

  it('is listed before it registers, without versions, and never offline', async () => {
    expect(await machines()).toEqual({ 'sr-abc-0': 'planned', 'sr-abc-1': 'planned' });
    const [first = ''] = await listed('?status=planned');
    const { body } = await send('getServer', { params: { serverId: first } });
    expect(body).not.toHaveProperty('serverVersion');
    expect(body).not.toHaveProperty('clientVersion');
    test.clock.advanceSeconds(1_000);
    await sweep();
    expect(await machines()).toEqual({ 'sr-abc-0': 'planned', 'sr-abc-1': 'planned' });
  });

  it('is being set up from its enrolment on, and becomes the server that registers under its name', async () => {
    await startSetup('SR-ABC-0');
    expect(await machines()).toEqual({ 'sr-abc-0': 'setupInProgress', 'sr-abc-1': 'planned' });
    const hostName = 'SR-ABC-0.contoso.example';
    const bare = { machineId: 'zero', hostName, serverVersion: undefined, database: undefined };
    const serverId = await test.register(bare);
    await beat(serverId);
    test.clock.advanceSeconds(1_000);
    await sweep();
    expect(await machines()).toEqual({ [hostName]: 'setupInProgress', 'sr-abc-1': 'planned' });
    expect(await test.register({ machineId: 'zero', hostName })).toBe(serverId);
    expect(await machines()).toEqual({ [hostName]: 'discovered', 'sr-abc-1': 'planned' });
    await planMachines(test.services, { customerId: CONTOSO, siteId, names });
    expect(Object.keys(await machines())).toHaveLength(2);
  });

  it('gives its site the database, which servers that come later share', async () => {
    const first = await test.register({ machineId: 'zero', hostName: 'sr-abc-0' });
    const later = await test.register({ machineId: 'later', hostName: 'REC07' });
    expect([(await stored(first)).siteId, (await stored(later)).siteId]).toEqual([siteId, siteId]);
    expect(await control().read(siteType, siteId)).toMatchObject({ database: MACHINE.database });
  });

  it('is not taken over by the secure client of another machine', async () => {
    await startSetup('sr-abc-0');
    const other = await test.tokenOf(newId());
    const body = { ...MACHINE, hostName: 'sr-abc-0', clientTime: test.time() };
    const { body: registered } = await test.send('registerServer', { body, token: other });
    expect(registered['siteId']).not.toBe(siteId);
    expect((await machines())['sr-abc-0']).toBe('setupInProgress');
  });

  it('is no longer listed when a new template lacks it', async () => {
    await planMachines(test.services, { customerId: CONTOSO, siteId, names: ['sr-abc-1', 'sr-abc-2'] });
    expect(await machines()).toEqual({ 'sr-abc-1': 'planned', 'sr-abc-2': 'planned' });
  });
});

describe('SRV-1: servers with one database', () => {
  it('and the site that an administrator creates for it at the same moment end in one site', async () => {
    const created = newSite(MACHINE.database).catch(() => undefined);
    const ids = await Promise.all(['a', 'b'].map((machineId) => test.register({ machineId })));
    await created;
    const siteIds = new Set(await Promise.all(ids.map(async (id) => (await stored(id)).siteId)));
    expect(siteIds.size).toBe(1);
    expect(await control().list(siteType, { limit: 10 })).toHaveLength(1);
  });

  const siteOf = async (machineId: string, instance: string) => {
    const id = await test.register({ machineId, database: { instance, name: 'Rec' } });
    return (await stored(id)).siteId;
  };

  it('are in one site however the name of the instance is written, but not where it is that of each machine', async () => {
    const siteId = await siteOf('a', 'tcp:SQL01.contoso.com.,1433');
    expect(await siteOf('b', 'sql01.contoso.com')).toBe(siteId);
    const local = await siteOf('c', 'localhost');
    const others = [await siteOf('d', 'localhost'), await siteOf('e', '(local)')];
    expect(new Set([siteId, local, ...others]).size).toBe(4);
    // Registered again, under another name for the same.
    expect(await siteOf('c', '.')).toBe(local);
  });

  it('join the site of an earlier version, which reserved the name as it was written', async () => {
    const database = { instance: 'tcp:SQL05,1433', name: 'Rec' };
    const [id, key] = [newId(), earlierDatabaseKey(database)];
    const site = { id, name: 'Old', description: '', origin: 'created' as const, createdAt: test.time() };
    await control().commit([
      change.create(siteType, { ...site, database }),
      change.create(databaseReservationType, { id: key, siteId: id }),
    ]);
    expect(await siteOf('a', 'SQL05')).toBe(id);
  });
});
