/** A server belongs to one secure client; for the others of its customer it does not exist. */
import { IDLE_STATE } from '../../tests/support/idle-state';
import { activityFeed, auditLog } from '../../tests/support/logs';
import { call, type TestRequest } from '../../tests/support/call';
import {
  ADA_AT_WORK,
  MACHINE,
  type RecordingServerTest,
  SECURE_CLIENT,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { CONTOSO } from '../../tests/support/test-issuer';
import { newId } from '../../shared/ids';
import { lineLog } from '../../shared/telemetry/telemetry';
import { secureClientType } from '../../shared/identity/secure-client';
import { queueCommand, serverOperations } from '../servers';
import { serverType } from '../servers/server';
import { cloudClientOperations } from '.';

const OTHER = '5ecc11e0-0000-4000-8000-000000000002';
const [, getServer, changeServer] = serverOperations;
if (!getServer || !changeServer) throw new Error('operations are missing');
const show = getServer;
const change = changeServer;

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

const as = async (client: string, operationId: string, request: TestRequest = {}) =>
  test.send(operationId, { ...request, token: await test.tokenOf(client) });
const control = () => test.services.database.control(test.customerId);
const stored = async () => {
  const server = await control().read(serverType, serverId);
  if (!server) throw new Error('there is no such server');
  return server;
};
/** A server as earlier versions stored it. */
const unbind = async () => control().replace(serverType, { ...(await stored()), clientId: undefined });
const administrator = () => test.issuer.token({ tid: test.customerId });
const give = async (clientId: unknown, ifMatch?: string) => {
  const headers = { 'if-match': ifMatch ?? (await stored()).etag };
  const request = { token: await administrator(), params: { serverId }, body: { clientId }, headers };
  return call(test.services, change, request);
};
const heartbeat = (client: string) =>
  as(client, 'sendHeartbeat', {
    params: { serverId },
    body: {
      ...IDLE_STATE,
      clientTime: test.time(),
    },
  });
const sessionStart = () => ({ serverId, sessionKey: newId(), startedAt: test.time(), facts: ADA_AT_WORK });
const newSession = async () =>
  String((await as(SECURE_CLIENT, 'startSession', { body: sessionStart() })).body['sessionId']);

/** For every operation that names a server, directly or not: a request that its own client makes with success. */
const REQUESTS: Record<string, () => Promise<TestRequest> | TestRequest> = {
  registerServer: () => ({ body: { ...MACHINE, hostName: newId(), clientTime: test.time() } }),
  sendHeartbeat: () => ({
    params: { serverId },
    body: {
      ...IDLE_STATE,
      clientTime: test.time(),
    },
  }),
  getServerConfiguration: () => ({ params: { serverId } }),
  reportServerConfiguration: () => ({ params: { serverId }, body: { etag: '"1"', sections: [] } }),
  unregisterServer: () => ({ params: { serverId } }),
  sendPerformanceSamples: () => ({
    body: { batchId: newId(), serverId, samples: [{ time: test.time(), cpuPercent: 12 }] },
  }),
  sendLocalChanges: () => ({
    params: { serverId },
    body: { records: [{ id: newId(), time: test.time(), action: 'server.change', by: 'CONTOSO\\ada' }] },
  }),
  fetchCommands: () => ({ params: { serverId } }),
  answerCommand: async () => {
    const id = newId();
    await queueCommand(test.services, {
      id,
      customerId: test.customerId,
      serverId,
      kind: 'lockSession',
      parameters: {},
      expiresAt: new Date(test.clock.now().getTime() + 60_000),
    });
    await as(SECURE_CLIENT, 'fetchCommands', { params: { serverId } });
    return { params: { serverId, commandId: id }, body: { status: 'succeeded' } };
  },
  startSession: () => ({ body: sessionStart() }),
  rollOverSession: async () => ({ params: { sessionId: await newSession() }, body: { part: 2 } }),
  endSession: async () => ({ params: { sessionId: await newSession() }, body: { endedAt: test.time() } }),
  sendEvents: async () => ({
    body: {
      batchId: newId(),
      sessionId: await newSession(),
      events: [{ id: newId(), type: 'appStart', time: test.time(), data: { appName: 'cmd.exe' } }],
    },
  }),
  beginRecording: async () => ({
    body: { sessionId: await newSession(), part: 1, container: 'events', startedAt: test.time() },
  }),
  completeRecording: async () => {
    const body = { sessionId: await newSession(), part: 1, container: 'events', startedAt: test.time() };
    const recordingId = String((await as(SECURE_CLIENT, 'beginRecording', { body })).body['recordingId']);
    const blockId = 'MDAwMDAw';
    test.blobs.stageBlock(`incoming/${test.customerId}/${recordingId}`, blockId, Buffer.from('{}\n'));
    const blocks = [{ blockId, sizeBytes: 3, sha256: '0'.repeat(64) }];
    return { params: { recordingId }, body: { endedAt: test.time(), blocks } };
  },
  addSegments: async () => {
    const body = {
      sessionId: await newSession(),
      part: 1,
      container: 'mp4',
      startedAt: test.time(),
      live: true,
    };
    const recordingId = String((await as(SECURE_CLIENT, 'beginRecording', { body })).body['recordingId']);
    test.blobs.append(`incoming/${test.customerId}/${recordingId}.live`, 0, Buffer.from('segment'));
    const segment = { sequence: 0, offset: 0, sizeBytes: 7, durationSeconds: 2, startsWithKeyframe: true };
    return { params: { recordingId }, body: { segments: [segment] } };
  },
};
const NAMES_NO_SERVER = ['issueClientToken', 'enrolMachine'];
const named = cloudClientOperations.map(({ id }) => id).filter((id) => !NAMES_NO_SERVER.includes(id));

/** Everything that is stored of the customer, but for what tells of the refusal. */
const world = async () => {
  const documents: string[] = [];
  for (const container of ['control', 'presence', 'recordings', 'session-data', 'responses'])
    documents.push(...(await test.storedOf(container)));
  const isLeftOut = (document: string) =>
    document.includes('recording-months') || document.includes('registration-refusals');
  return documents.filter((document) => !isLeftOut(document)).toSorted();
};

describe('CCL-1: another secure client of the same customer', () => {
  it.each(named)('%s: has no effect and learns nothing', async (id) => {
    const make = REQUESTS[id];
    if (!make) throw new Error(`there is no request for ${id}: every operation of cloud clients needs one`);
    const request = await make();
    await test.tokenOf(OTHER);
    const before = await world();
    const refused = await as(OTHER, id, request);
    const expected = id === 'registerServer' ? [403, 'server-of-another-client'] : [404, 'not-found'];
    expect([refused.status, refused.body['code']]).toEqual(expected);
    expect(await world()).toEqual(before);
    expect(test.queues.sent).toEqual([]);
    // The request itself is in order.
    expect((await as(SECURE_CLIENT, id, request)).status).toBeLessThan(300);
  });

  it('IAM-9: that registers the machine is logged and shown in the feed, once an hour', async () => {
    for (let attempt = 0; attempt < 3; attempt++)
      await as(OTHER, 'registerServer', { body: { ...MACHINE, clientTime: test.time() } });
    const refusals = (await auditLog(test.services, test.customerId)).filter(({ authorised }) => !authorised);
    expect(refusals).toMatchObject([
      { action: 'server.register', by: { id: OTHER }, reason: 'server-of-another-client', serverId },
    ]);
    const feed = await activityFeed(test.services, test.customerId);
    expect(feed.filter(({ kind }) => kind === 'server.registrationRefused')).toMatchObject([
      { serverId, details: { clientId: OTHER } },
    ]);
  });
});

describe('SRV-5: a full administrator', () => {
  /** Tokens of administrators are accepted of known customers only. */
  let machineId: string;
  beforeEach(async () => {
    test.customerId = CONTOSO;
    machineId = newId();
    serverId = await test.register({ machineId });
    await test.tokenOf(OTHER);
  });

  it('gives a server to another client, which is logged; then that one speaks for it, and the former does not', async () => {
    const sessionId = await newSession();
    const end = (client: string) =>
      as(client, 'endSession', { params: { sessionId }, body: { endedAt: test.time() } });
    expect((await end(OTHER)).status).toBe(404);
    expect(await give(OTHER.toUpperCase())).toMatchObject({ status: 200, body: { clientId: OTHER } });
    const [entry] = (await auditLog(test.services, test.customerId)).filter(
      ({ action, serverId: of }) => action === 'server.change' && of === serverId,
    );
    expect(entry).toMatchObject({ old: { clientId: SECURE_CLIENT }, new: { clientId: OTHER }, serverId });
    expect((await heartbeat(SECURE_CLIENT)).status).toBe(404);
    expect((await heartbeat(OTHER)).status).toBe(200);
    expect((await end(OTHER)).status).toBe(200);
    test.clock.advanceSeconds(30);
    expect((await end(SECURE_CLIENT)).status).toBe(404);
    const registration = { body: { ...MACHINE, machineId, clientTime: test.time() } };
    expect((await as(SECURE_CLIENT, 'registerServer', registration)).status).toBe(403);
    expect((await as(OTHER, 'registerServer', registration)).body).toMatchObject({ serverId });
  });

  it('needs a client that exists, and the ETag', async () => {
    for (const clientId of [newId(), null])
      expect(await give(clientId)).toMatchObject({
        status: 400,
        body: { code: 'validation-failed', errors: [{ pointer: '/clientId' }] },
      });
    expect((await give(OTHER, '"other"')).status).toBe(412);
    expect((await stored()).clientId).toBe(SECURE_CLIENT);
  });

  it('sees whose server it is, and edits its description', async () => {
    const token = await administrator();
    const headers = { 'if-match': (await stored()).etag };
    const body = { description: 'In the cellar' };
    const changed = await call(test.services, change, { token, params: { serverId }, body, headers });
    expect(changed).toMatchObject({ status: 200, body: { ...body, clientId: SECURE_CLIENT } });
    const shown = await call(test.services, show, { token, params: { serverId } });
    expect(shown.body).toMatchObject({ ...body, clientId: SECURE_CLIENT });
    expect(shown.headers['etag']).toBe(changed.headers['etag']);
  });
});

describe('a server that an earlier version stored', () => {
  it('belongs to the first client that speaks for it, which is logged, and from then on to no other', async () => {
    await unbind();
    expect((await heartbeat(OTHER)).status).toBe(200);
    expect((await stored()).clientId).toBe(OTHER);
    expect((await heartbeat(SECURE_CLIENT)).status).toBe(404);
    const entries = await auditLog(test.services, test.customerId);
    expect(entries.filter(({ action }) => action === 'server.bind')).toMatchObject([
      { by: { id: OTHER }, serverId },
    ]);
  });

  it('belongs to one client when several speak for it at once, also about its sessions', async () => {
    const sessionId = await newSession();
    await unbind();
    test.clock.advanceSeconds(30);
    const clients = [OTHER, SECURE_CLIENT, OTHER, SECURE_CLIENT];
    const answers = await Promise.all(
      clients.map((client) =>
        as(client, 'endSession', { params: { sessionId }, body: { endedAt: test.time() } }),
      ),
    );
    const { clientId } = await stored();
    expect(answers.map(({ status }) => status)).toEqual(
      clients.map((client) => (client === clientId ? 200 : 404)),
    );
  });
});

describe('IAM-7: a revoked secure client', () => {
  const revoke = async (client = SECURE_CLIENT) => {
    await test.tokenOf(client);
    await control().remove(secureClientType, client);
  };

  it('is cut off within 30 seconds on every instance, those that know it included', async () => {
    const other = { ...test.services, ...test.otherProcess() };
    const services = {
      ...other,
      blobs: test.services.blobs,
      queues: test.services.queues,
      events: test.services.events,
    };
    const token = await test.tokenOf(SECURE_CLIENT);
    const lines: string[] = [];
    const log = lineLog((line) => lines.push(line));
    const fetch = async (instance: typeof services) =>
      test.send('fetchCommands', { params: { serverId }, token, log }, test.customerId, instance);
    for (const instance of [test.services, services]) expect((await fetch(instance)).status).toBe(200);
    await revoke();
    test.clock.advanceSeconds(25);
    for (const instance of [test.services, services])
      expect(await fetch(instance)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const refusals = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event === 'request.refused');
    const logged = expect.objectContaining({ operation: 'fetchCommands', status: 401 }) as unknown;
    expect(refusals).toEqual([logged, logged]);
  });

  it('gets no command by a long poll that it began before', async () => {
    const token = await test.tokenOf(SECURE_CLIENT);
    const poll = test.send('fetchCommands', { params: { serverId }, query: '?waitSeconds=30', token });
    await revoke();
    await queueCommand(test.services, {
      id: newId(),
      customerId: test.customerId,
      serverId,
      kind: 'lockSession',
      parameters: {},
      expiresAt: new Date(test.clock.now().getTime() + 600_000),
    });
    test.clock.advanceSeconds(25);
    expect((await poll).status).toBe(401);
  });
});
