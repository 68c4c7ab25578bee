/** Services, registry and diagnostics of a server: a command each, a task that waits for it, and what is known afterwards. */
import { auditLog } from '../../../tests/support/logs';
import { TroubledServer } from '../../../tests/support/troubled-server';
import { markServersOffline } from '../mark-servers-offline';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { type Server, serverType } from '../server';
import { registryValueName } from '../commands/kinds/registry-value';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const SERVER_KEY = 'SOFTWARE\\Citrix\\SmartAuditor\\Server';

const silent = lineLog(() => undefined);
let server: TroubledServer;

beforeAll(async () => {
  server = await TroubledServer.start();
});
beforeEach(() => server.renew());
afterAll(() => server.test.close());

/** A log, and the refusals in it. */
function refusalLog() {
  const lines: string[] = [];
  const refusals = () =>
    lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event === 'request.refused');
  return { log: lineLog((line) => lines.push(line)), refusals };
}

const running = (name: string) => ({ name, state: 'running' });

describe('a task that waits for a server', () => {
  it('TRB-1: is answered with 202, runs while it waits, and has the result of the server', async () => {
    const reply = await server.ask('diagnoseServer');
    expect(reply.status).toBe(202);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(await server.task(reply)).toMatchObject({ state: 'Running', kind: 'diagnoseServer' });
    await server.succeed({ checks: [{ id: 'clock', name: 'Clock', result: 'passed' }] });
    expect(await server.task(reply)).toMatchObject({
      state: 'Succeeded',
      result: { kind: 'diagnostics', checks: [{ id: 'clock', result: 'passed' }] },
    });
  });

  it('names cause and remedy of a check that did not pass, where the server leaves the remedy out', async () => {
    const reply = await server.ask('diagnoseServer');
    const failed = { id: 'sqlSystemAccount', name: 'SQL', result: 'failed', cause: 'It is no member.' };
    await server.succeed({ checks: [failed] });
    const { result } = await server.task(reply);
    expect(result).toMatchObject({
      checks: [{ cause: 'It is no member.', remedy: expect.stringContaining('db_owner') as string }],
    });
  });

  it.each(['discovered', 'offline'])('is refused for a server that is %s', async (status) => {
    server.serverId = await server.test.register({ machineId: status, hostName: 'REC02' });
    if (status === 'offline') {
      server.test.clock.advanceSeconds(300);
      await markServersOffline(server.test.services, silent, { receivingSince: new Date(0) });
    }
    for (const id of ['diagnoseServer', 'refreshServerServices', 'readRegistry']) {
      const { status: code, body } = await server.ask(id);
      expect({ id, code, problem: body.code }).toEqual({ id, code: 409, problem: 'server-not-available' });
    }
  });

  it('INS-3: after a failed installation makes diagnostics, and nothing that needs the server', async () => {
    const { services, customerId } = server.test;
    const control = services.database.control(customerId);
    const change = async (more: Partial<Server>) => {
      const known = await control.read(serverType, server.serverId);
      if (known) await control.replace(serverType, { ...known, ...more });
    };
    await change({ status: 'installationFailed', serverVersion: undefined });
    const reply = await server.ask('diagnoseServer');
    expect(reply.status).toBe(202);
    await server.succeed({ checks: [{ id: 'domain', name: 'Domain', result: 'passed' }] });
    expect(await server.task(reply)).toMatchObject({ state: 'Succeeded' });
    for (const id of ['refreshServerServices', 'readRegistry'])
      expect(await server.ask(id)).toMatchObject({ status: 409, body: { code: 'server-not-available' } });
    // Its set-up failed before its cloud client had registered.
    await change({ clientVersion: undefined });
    expect(await server.ask('diagnoseServer')).toMatchObject({ status: 409 });
  });

  it('shows the progress that the server reports, and keeps its lease meanwhile', async () => {
    const reply = await server.ask('diagnoseServer');
    const [command] = await server.commands();
    for (const percent of [10, 50, 90]) {
      server.test.clock.advanceSeconds(50);
      const report = { status: 'running', step: 'Step 1 of 2: Checking', percent };
      expect((await server.answer(command?.id ?? '', report)).status).toBe(204);
      await server.settle();
      expect(await server.commands()).toEqual([]);
    }
    const { log } = (await server.task(reply)) as unknown as { log: { text: string }[] };
    expect(log.map(({ text }) => text)).toContain('Step 1 of 2: Checking (90 %)');
  });

  it('fails with a clear reason when the server never fetches the command', async () => {
    const reply = await server.ask('diagnoseServer');
    await server.sweepAfter(301);
    expect(await server.task(reply)).toMatchObject({
      state: 'Failed',
      error: expect.stringContaining('did not fetch it in time') as string,
    });
    expect(await server.commands()).toEqual([]);
  });

  it('fails when the client is killed in the middle of the command and does not come back', async () => {
    const reply = await server.ask('diagnoseServer');
    const [command] = await server.commands();
    await server.answer(command?.id ?? '', { status: 'running', step: 'Checking the clock' });
    await server.sweepAfter(400);
    expect(await server.task(reply)).toMatchObject({
      state: 'Failed',
      error: expect.stringContaining('stopped reporting, the last time at "Checking the clock"') as string,
    });
  });

  it('succeeds when the client was killed in the middle of the command and goes on in time', async () => {
    const reply = await server.ask('diagnoseServer');
    await server.commands();
    server.test.clock.advanceSeconds(61);
    const command = await server.succeed({ checks: [{ id: 'clock', name: 'Clock', result: 'passed' }] });
    expect(command.deliveries).toBe(2);
    expect(await server.task(reply)).toMatchObject({ state: 'Succeeded' });
  });

  it('ends although every message about its command was lost', async () => {
    const reply = await server.ask('diagnoseServer');
    const [command] = await server.commands();
    const data = { kind: 'diagnostics', checks: [{ id: 'clock', name: 'Clock', result: 'passed' }] };
    await server.answer(command?.id ?? '', { status: 'succeeded', data });
    server.test.queues.sent.length = 0;
    await server.sweepAfter(3_600);
    expect(await server.task(reply)).toMatchObject({ state: 'Succeeded' });
  });

  it('ends although the process died before it queued the command', async () => {
    const { database } = server.test.services;
    const presence = jest.spyOn(database, 'presence').mockImplementationOnce(() => {
      throw new Error('killed');
    });
    await server.ask('diagnoseServer');
    presence.mockRestore();
    const tasks = (await server.ask('listTasks', { query: '?top=1' })).body['value'] as { id: string }[];
    await server.sweepAfter(3_600);
    expect((await server.ask('getTask', { params: { id: tasks[0]?.id ?? '' } })).body).toMatchObject({
      state: 'Failed',
      error: expect.stringContaining('did not say') as string,
    });
  });

  it('takes a result that arrives twice once, and refuses another one', async () => {
    const reply = await server.ask('restartServerService', { params: { name: 'IIS' } });
    const [command] = await server.commands();
    const result = { status: 'succeeded', data: { kind: 'restartService', service: running('IIS') } };
    expect((await server.answer(command?.id ?? '', result)).status).toBe(204);
    await server.settle();
    expect((await server.answer(command?.id ?? '', result)).status).toBe(204);
    await server.settle();
    expect((await server.answer(command?.id ?? '', { status: 'failed', reason: 'no' })).status).toBe(409);
    expect(await server.task(reply)).toMatchObject({ state: 'Succeeded' });
  });
});

describe('the services of a server', () => {
  it('TRB-1: are the four of the list, unknown until they are checked, then with their age', async () => {
    const list = async () => (await server.ask('listServerServices')).body['value'];
    const names = [
      'IIS',
      'CitrixSsRecAnalyticsService',
      'CitrixSsRecStorageManager',
      'CitrixSsRecCloudClientMonitorService',
    ];
    expect(await list()).toMatchObject(names.map((name) => ({ name, state: 'unknown' })));
    await server.ask('refreshServerServices');
    const { parameters } = await server.succeed({
      services: names.map((name) => ({ name, state: name === 'IIS' ? 'stopped' : 'running' })),
    });
    expect(parameters).toEqual({ services: names });
    server.test.clock.advanceSeconds(90);
    expect(await list()).toMatchObject(
      names.map((name) => ({ name, state: name === 'IIS' ? 'stopped' : 'running', ageSeconds: 90 })),
    );
  });

  it('TRB-1: are restarted: Restarted, or Failed with the reason', async () => {
    const restarted = await server.ask('restartServerService', { params: { name: 'IIS' } });
    const { parameters } = await server.succeed({ service: running('IIS') });
    expect(parameters).toEqual({ service: 'IIS' });
    expect(await server.task(restarted)).toMatchObject({ state: 'Succeeded' });
    const id = String((await server.task(restarted))['id']);
    const results = (await server.ask('listTaskResults', { params: { id } })).body;
    expect(results['value']).toMatchObject([{ outcome: 'succeeded', detail: 'Restarted.' }]);

    const failed = await server.ask('restartServerService', {
      params: { name: 'CitrixSsRecStorageManager' },
    });
    const [command] = await server.commands();
    await server.answer(command?.id ?? '', { status: 'failed', reason: 'it stops at once' });
    await server.settle();
    expect(await server.task(failed)).toMatchObject({
      state: 'Failed',
      error: expect.stringContaining('it stops at once') as string,
    });
  });

  it.each(['Spooler', 'IIS ', 'IIS.', 'W3SVC', 'CitrixSsRecCloudClientService', 'IIS&whoami', '..', ''])(
    'TRB-1: are no others: %p is refused and logged, and nothing is sent to the server',
    async (name) => {
      const { log, refusals } = refusalLog();
      expect((await server.ask('restartServerService', { params: { name }, log })).status).toBe(404);
      expect(refusals()).toMatchObject([{ operation: 'restartServerService', status: 404 }]);
      expect(await server.commands()).toEqual([]);
    },
  );
});

describe('the registry of a server', () => {
  const linkHost = { key: SERVER_KEY, name: 'LinkHost' };
  const text = { type: 'REG_SZ', data: 'https://sr.contoso.example' };
  const write = (body: Record<string, unknown>) => server.ask('writeRegistry', { body });
  const list = async () =>
    (await server.ask('listRegistryValues')).body['value'] as Record<string, unknown>[];

  it('TRB-2: is a catalogue with defaults until it is read', async () => {
    expect(await list()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'EmailThreshold', type: 'REG_DWORD', standard: 25 }),
        expect.objectContaining({ name: 'BlockSizeMultiple', standard: 4 }),
        expect.objectContaining({ name: 'DisableIdleEvent', standard: 0 }),
        expect.objectContaining({ name: 'IdleEventThrottle', standard: 30 }),
        expect.objectContaining({ name: 'IdleEventActiveThrottle', standard: 2 }),
        expect.objectContaining({ name: 'IdleEventActivePktNumThrottle', standard: 3 }),
        expect.objectContaining({ name: 'IdleEventActivePktSizeThrottle', standard: 300 }),
      ]) as unknown,
    );
  });

  it('TRB-2: shows what was read, missing values as null, and free names as well', async () => {
    const free = { key: SERVER_KEY, name: 'MyOwn' };
    await server.ask('readRegistry', { body: { values: [linkHost, free] } });
    await server.succeed({
      values: [
        { ...linkHost, value: null },
        { ...free, value: text },
      ],
    });
    const values = await list();
    expect(values.find(({ name }) => name === 'LinkHost')).toMatchObject({ found: null, ageSeconds: 0 });
    expect(values.find(({ name }) => name === 'MyOwn')).toMatchObject({ found: text });
  });

  it('TRB-2: is written, with the old and the new value in the administrator log', async () => {
    const reply = await write({ ...linkHost, value: text });
    expect(reply.status).toBe(202);
    expect(reply.body['notices']).toEqual([expect.stringContaining('Without effect on mails')]);
    const { parameters } = await server.succeed({ ...linkHost, old: null, new: text });
    expect(parameters).toEqual({ ...linkHost, value: text });
    expect(await server.task(reply)).toMatchObject({ state: 'Succeeded' });
    const entries = await auditLog(server.test.services, server.test.customerId);
    expect(entries.find(({ action }) => action === 'server.writeRegistry.outcome')).toMatchObject({
      serverId: server.serverId,
      outcome: 'succeeded',
      old: { ...linkHost, value: null },
      new: { ...linkHost, value: text },
    });
  });

  it('TRB-2: keeps the type of a value that is there', async () => {
    expect((await write({ ...linkHost, value: { type: 'REG_DWORD', data: 1 } })).status).toBe(400);
    const free = { key: SERVER_KEY, name: 'MyOwn' };
    await server.ask('readRegistry', { body: { values: [free] } });
    await server.succeed({ values: [{ ...free, value: text }] });
    expect((await write({ ...free, value: { type: 'REG_DWORD', data: 1 } })).status).toBe(409);
    expect((await write({ ...free, value: { type: 'REG_SZ', data: 'other' } })).status).toBe(202);
  });

  it.each([
    { type: 'REG_DWORD', data: -1 },
    { type: 'REG_DWORD', data: 4_294_967_296 },
    { type: 'REG_DWORD', data: '1' },
    { type: 'REG_SZ', data: 'a\u0000b' },
    { type: 'REG_MULTI_SZ', data: ['a', ''] },
    { type: 'REG_BINARY', data: 'AA==' },
    { type: 'REG_EXPAND_SZ', data: '%PATH%' },
  ])('TRB-2: refuses %j', async (value) => {
    expect((await write({ key: SERVER_KEY, name: 'MyOwn', value })).status).toBe(400);
  });

  it.each([
    { ...linkHost, key: 'SOFTWARE\\Microsoft' },
    { ...linkHost, name: '..\\Run' },
    { ...linkHost, key: `${SERVER_KEY}\\..\\..\\..\\Microsoft` },
    { ...linkHost, key: SERVER_KEY.replaceAll('\\', '/') },
  ])('TRB-2: refuses %j in requests and logs that, and sends nothing to the server', async (named) => {
    const { log, refusals } = refusalLog();
    expect((await server.ask('readRegistry', { body: { values: [named] }, log })).status).toBe(400);
    expect((await server.ask('writeRegistry', { body: { ...named, value: text }, log })).status).toBe(400);
    expect(refusals()).toMatchObject([
      { operation: 'readRegistry', status: 400, code: 'validation-failed' },
      { operation: 'writeRegistry', status: 400, code: 'validation-failed' },
    ]);
    expect(await server.commands()).toEqual([]);
    expect(registryValueName.safeParse(named).success).toBe(false);
  });
});
