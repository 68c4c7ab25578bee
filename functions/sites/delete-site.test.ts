/** The deletion of a site, and its summary: over the real dependents. */
import { auditLog } from '../../tests/support/logs';
import { call, type TestRequest } from '../../tests/support/call';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { CONTOSO } from '../../tests/support/test-issuer';
import { PARIS } from '../../arm-templates/testing/plans';
import { newId } from '../../shared/ids';
import { runScheduled, startDueSchedules } from '../../shared/schedules/run-schedules';
import { lineLog } from '../../shared/telemetry/telemetry';
import { operations } from '../operations';
import { type Recording, recordingType } from '../recordings/recording';
import { type Server, serverType } from '../servers/server';
import { SERVER_STATUSES } from '../servers/server-status';
import { siteDependents } from '../site-dependents';
import { siteCleanup } from './delete-site';

let test: RecordingServerTest;
let token: string;
let siteId: string;

const database = { instance: 'SQL01\\RECORDING', name: 'CitrixSessionRecording' };

beforeEach(async () => {
  test = await startRecordingServerTest();
  token = await test.issuer.token();
  siteId = String((await send('createSite', { body: { name: 'Berlin', database } })).body['id']);
});
afterEach(() => test.close());

async function send(id: string, request: TestRequest = {}) {
  const operation = operations.find((item) => item.id === id);
  if (!operation) throw new Error(`there is no operation ${id}`);
  return call(test.services, operation, { token, ...request });
}
const params = () => ({ siteId });
const etag = async () => String((await send('getSite', { params: params() })).headers['etag']);
const remove = async (headers?: Record<string, string>) =>
  send('deleteSite', { params: params(), headers: headers ?? { 'if-match': await etag() } });
const summary = async () => (await send('getSiteSummary', { params: params() })).body;
const control = () => test.services.database.control(CONTOSO);
const change = async (id: string, next: Partial<Server>) => {
  const server = await control().read(serverType, id);
  if (server) await control().replace(serverType, { ...server, ...next });
};
const cleanUp = async () => {
  const run = runScheduled([siteCleanup(siteDependents)]);
  const log = lineLog(() => undefined);
  await startDueSchedules(test.services, log);
  for (const { message } of test.queues.sent.splice(0)) await run(test.services, message as never, log);
};
const blockers = (body: Record<string, unknown>) =>
  (body['blockedBy'] as { kind: string }[]).map(({ kind }) => kind);
const beat = (serverId: string, storage: object[]) =>
  test.send('sendHeartbeat', {
    params: { serverId },
    body: {
      services: 'running',
      cpuPercent: 1,
      memoryPercent: 2,
      networkSendKbps: 3,
      networkReceiveKbps: 4,
      storage,
      liveSessions: 0,
      clientTime: test.time(),
    },
  });

describe('SRV-1: a site is deleted', () => {
  it('with its settings, password, policies, template and claim to the database', async () => {
    const alerts = {
      smtp: { host: 'mail.contoso.example', password: 'canary' },
      sender: { address: 'alerts@contoso.example' },
    };
    const settings = await send('getSiteSettings', { params: params() });
    const headers = { 'if-match': String(settings.headers['etag']) };
    await send('changeSiteSettings', { params: params(), headers, body: { emailAlerts: alerts } });
    const rule = { name: 'all', scope: { machines: ['VDA01'] }, action: 'recordWithNotification' };
    const policy = await send('createRecordingPolicy', {
      params: params(),
      body: { name: 'All', rules: [rule] },
    });
    expect(policy.status).toBe(201);
    const policyId = String(policy.body['id']);
    await send('activateRecordingPolicy', { params: { siteId, policyId } });
    await send('createArmTemplate', { params: params(), body: PARIS });

    expect((await remove()).status).toBe(204);
    expect((await send('getSite', { params: params() })).status).toBe(404);
    expect((await send('getSiteSettings', { params: params() })).status).toBe(404);
    expect((await send('listSites')).body['value']).toEqual([]);
    await cleanUp();
    const left = (await test.storedOf('control')).filter((document) => document.includes(siteId));
    const types = left.map((document) => (JSON.parse(document) as { type: string }).type);
    expect(new Set(types)).toEqual(new Set(['audit', 'feed-event']));
    expect(test.vault.values()).toEqual([]);
    expect([...test.blobs.blobs.keys()]).toEqual([]);
    const entries = await auditLog(test.services, CONTOSO);
    expect(entries.at(-1)).toMatchObject({
      action: 'site.delete',
      siteId,
      old: { name: 'Berlin', database },
    });
    expect((await send('createSite', { body: { name: 'Again', database } })).status).toBe(201);
  });

  it('and cleaned up by its schedule when the message was lost, once and for all', async () => {
    test.queues.beforeSend = () => {
      throw new Error('the queue is down');
    };
    expect((await remove()).status).toBe(204);
    test.queues.beforeSend = () => undefined;
    test.clock.advanceSeconds(15 * 60);
    await cleanUp();
    const documents = (await test.storedOf('control')).join('\n');
    expect(documents).not.toContain('deleted-site');
    expect(documents).not.toContain('"schedule"');
  });

  it('only with the current ETag', async () => {
    expect((await remove({})).status).toBe(428);
    expect((await remove({ 'if-match': '"other"' })).status).toBe(412);
    expect((await send('getSite', { params: params() })).status).toBe(200);
  });
});

describe('SRV-1: a site is not deleted', () => {
  it.each(SERVER_STATUSES)(
    'while it has a server that is %s, unless it is planned or removed',
    async (status) => {
      await change(await test.register(), { status });
      const answer = await remove();
      if (status === 'planned' || status === 'deleted') expect(answer.status).toBe(204);
      else {
        expect(answer).toMatchObject({ status: 409, body: { code: 'in-use' } });
        expect(blockers(answer.body)).toEqual(['servers']);
      }
    },
  );

  it('while it has recordings or running sessions, also of a server that was moved away', async () => {
    const serverId = await test.register();
    const sessionId = await test.startSession(serverId);
    const other = String((await send('createSite', { body: { name: 'Other' } })).body['id']);
    await change(serverId, { siteId: other });
    expect(blockers((await remove()).body)).toEqual(['recordings']);
    const begin = { sessionId, part: 1, container: 'events', startedAt: test.time() };
    const recordingId = String((await test.send('beginRecording', { body: begin })).body['recordingId']);
    await test.send('endSession', { params: { sessionId }, body: { endedAt: test.time() } });
    expect(blockers((await remove()).body)).toEqual(['recordings']);
    const partition = test.services.database.recordings(CONTOSO, test.time().slice(0, 7));
    const recording = await partition.read(recordingType, recordingId);
    const restricted: Recording | undefined = recording && { ...recording, restrictedAt: test.time() };
    if (restricted) await partition.upsert(recordingType, restricted);
    expect(blockers((await remove()).body)).toEqual(['recordings']);
    await partition.remove(recordingType, recordingId);
    expect((await remove()).status).toBe(204);
  });

  it('while machines of its template run in Azure', async () => {
    await send('createArmTemplate', { params: params(), body: PARIS });
    const { body } = await send('listServers', { query: `?siteId=${siteId}` });
    const [machine] = body['value'] as Server[];
    await change(machine?.id ?? '', { status: 'setupInProgress' });
    const answer = await remove();
    expect(blockers(answer.body)).toEqual(['servers', 'azureResources']);
    expect(answer.body['detail']).toMatch(/move or remove .*Azure/);
  });

  it('when a server joins it at the same moment', async () => {
    const ifMatch = await etag();
    let serverId = '';
    test.injectFault(async (request, next) => {
      if (request.headers['x-ms-cosmos-is-batch-request'] !== undefined) {
        test.injectFault(undefined);
        serverId = await test.register();
      }
      return next(request);
    });
    expect((await remove({ 'if-match': ifMatch })).status).toBe(412);
    expect(await control().read(serverType, serverId)).toMatchObject({ siteId });
  });

  it('to the harm of a server that registers at the same moment: it gets another site', async () => {
    const deleted = remove();
    const serverId = await test.register();
    const { status } = await deleted;
    const server = await control().read(serverType, serverId);
    expect(server?.siteId === siteId).toBe(status !== 204);
    expect((await send('getSite', { params: { siteId: server?.siteId ?? '' } })).status).toBe(200);
  });
});

describe('SRV-1: the summary of a site', () => {
  it('says of everything that is not known that it is not, and why', async () => {
    const reason = expect.any(String) as string;
    expect(await summary()).toEqual({
      upgradeConflicts: [],
      servers: { total: 0, available: 0 },
      storageLocations: { value: null, reason },
      databases: { value: [{ ...database, tier: null }], reason },
      loadBalancer: { value: null, reason },
      costThisMonth: { value: null, reason },
      inAzure: { value: false },
    });
  });

  it('counts servers, without removed ones, and a share of several servers once', async () => {
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map((machineId) => test.register({ machineId })));
    const [a = '', b = '', , removed = ''] = ids;
    const share = { path: '\\\\nas\\rec', usedBytes: 10, freeBytes: 30 };
    const disk = { path: 'D:\\Rec', usedBytes: 1, freeBytes: 2 };
    await beat(a, [share, disk]);
    await beat(b, [{ ...share, path: '\\\\NAS\\Rec' }, disk]);
    await change(removed, { status: 'deleted' });
    const { servers, storageLocations } = await summary();
    expect(servers).toEqual({ total: 3, available: 2 });
    const { value } = storageLocations as {
      value: { path: string; capacityBytes: number; servers: string[] }[];
    };
    const shown = value.map(({ path, capacityBytes, servers: of }) => [
      path.toLowerCase(),
      capacityBytes,
      of.length,
    ]);
    expect(shown.toSorted()).toEqual([
      ['\\\\nas\\rec', 40, 2],
      ['d:\\rec', 3, 1],
      ['d:\\rec', 3, 1],
    ]);
  });

  it('shows storage of any size that a server reports, and keeps its heartbeats', async () => {
    const half = 2 ** 52;
    const huge = { path: 'E:\\Rec', usedBytes: half, freeBytes: half };
    const absurd = { path: 'F:\\Rec', usedBytes: 2 ** 60, freeBytes: 0 };
    expect((await beat(await test.register(), [huge, absurd])).status).toBe(200);
    const { storageLocations } = await summary();
    const largest = 2 ** 53 - 1;
    expect(storageLocations).toMatchObject({
      value: [
        { usedBytes: half, freeBytes: half, capacityBytes: largest },
        { usedBytes: largest, freeBytes: 0, capacityBytes: largest },
      ],
    });
  });

  it('shows what a template plans, and that it is in Azure from the first machine on', async () => {
    await send('createArmTemplate', { params: params(), body: PARIS });
    expect(await summary()).toMatchObject({
      servers: { total: 3, available: 0 },
      databases: { value: [{ ...database, tier: 'provisioned, 2 vCores' }] },
      loadBalancer: { value: { type: 'public' } },
      inAzure: { value: null, reason: expect.stringContaining('enrolled') as string },
    });
    const { body } = await send('listServers', { query: `?siteId=${siteId}` });
    const [machine] = body['value'] as Server[];
    await test.register({ machineId: newId(), hostName: machine?.hostName });
    expect(await summary()).toMatchObject({ servers: { total: 3 }, inAzure: { value: true } });
  });

  it('is for another customer as if it did not exist', async () => {
    expect((await send('getSiteSummary', { params: { siteId: newId() } })).status).toBe(404);
  });
});
