/** What servers report about commands: progress, and results whose data fit the kind; and what is added at delivery. */
import { publish } from '../../tests/support/packages';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { lineLog } from '../../shared/telemetry/telemetry';
import { type CommandContent, expireCommands, queueCommand } from '../servers';

let test: RecordingServerTest;
let serverId: string;

beforeAll(async () => {
  test = await startRecordingServerTest();
  await publish(test.blobs, 'client', '7.43.1.1');
  await publish(test.blobs, 'server', '24.2.0.16');
});
beforeEach(async () => {
  test.newCustomer();
  serverId = await test.register();
});
afterAll(() => test.close());

const log = lineLog(() => undefined);
const DATABASES = {
  type: 'onPremises',
  instance: 'SQL01',
  recordingDatabase: 'Recording',
  loggingDatabase: 'Logging',
} as const;
const UPGRADE: CommandContent = { kind: 'upgrade', parameters: { clientVersion: '7.43.1.1' } };
const CHECK: CommandContent = { kind: 'checkServices', parameters: { services: ['IIS'] } };
const LOCK: CommandContent = { kind: 'lockSession', parameters: {} };

const queue = (content: CommandContent, id = 'c') =>
  queueCommand(test.services, {
    id,
    customerId: test.customerId,
    serverId,
    expiresAt: new Date(test.clock.now().getTime() + 300_000),
    purpose: 'test',
    replyTo: { waits: 'here' },
    ...content,
  });
const fetchCommands = async () =>
  (await test.send('fetchCommands', { params: { serverId } })).body['value'] as {
    id: string;
    parameters: Record<string, unknown>;
  }[];
const report = async (body: Record<string, unknown>, commandId = 'c') =>
  test.send('answerCommand', { params: { serverId, commandId }, body });
const running = { status: 'running', step: 'Step 1 of 3: Downloading …', percent: 20 };

describe('the progress of a command', () => {
  it('CCL-4: keeps it from being delivered again, also after its expiry, and reaches what waits', async () => {
    await queue(UPGRADE);
    await fetchCommands();
    for (let minute = 0; minute < 20; minute++) {
      expect((await report(running)).status).toBe(204);
      test.clock.advanceSeconds(60);
      await expireCommands(test.services, log);
      expect(await fetchCommands()).toEqual([]);
    }
    expect(test.queues.sent).toHaveLength(20);
    expect(test.queues.sent[0]?.message).toMatchObject({
      purpose: 'test',
      replyTo: { waits: 'here' },
      ...running,
    });
    expect(
      (await report({ status: 'succeeded', data: { kind: 'upgrade', clientVersion: '7.43.1.1' } })).status,
    ).toBe(204);
  });

  it('CCL-4: does not extend it for ever', async () => {
    await queue(UPGRADE);
    await fetchCommands();
    for (let minute = 0; minute < 29; minute++) {
      test.clock.advanceSeconds(60);
      expect((await report(running)).status).toBe(204);
    }
    test.clock.advanceSeconds(60);
    expect((await report(running)).status).toBe(409);
    test.queues.sent.length = 0;
    await expireCommands(test.services, log);
    expect(test.queues.sent).toMatchObject([{ message: { status: 'expired' } }]);
  });

  it('is refused for a command that has ended, was never delivered, or is not there', async () => {
    await queue(LOCK);
    expect((await report(running)).status).toBe(409);
    await fetchCommands();
    await report({ status: 'succeeded' });
    expect((await report(running)).status).toBe(409);
    expect((await report(running, 'none')).status).toBe(404);
  });

  it.each([{ step: '' }, { percent: 101 }, { percent: -1 }, { step: 'x'.repeat(201) }, { data: {} }])(
    'is refused with %j',
    async (wrong) => {
      await queue(LOCK);
      await fetchCommands();
      expect((await report({ ...running, ...wrong })).status).toBe(400);
    },
  );
});

describe('the data of a result', () => {
  const service = { name: 'IIS', state: 'running' };

  it('CCL-4: fit the kind of the command, which stays open until they do', async () => {
    await queue(CHECK);
    await fetchCommands();
    const pointers = async (body: Record<string, unknown>) => {
      const { status, body: problem } = await report({ status: 'succeeded', ...body });
      return [status, ...(problem.errors ?? []).map(({ pointer }) => pointer)];
    };
    expect(await pointers({})).toEqual([400, '/data']);
    expect(await pointers({ data: { kind: 'restartService', service } })).toEqual([400, '/data/kind']);
    const unknown = { kind: 'checkServices', services: [{ ...service, state: 'dancing' }] };
    expect(await pointers({ data: unknown })).toEqual([400, '/data/services/0/state']);
    const spooler = { kind: 'checkServices', services: [{ ...service, name: 'Spooler' }] };
    expect(await pointers({ data: spooler })).toEqual([400, '/data/services/0/name']);
    expect(await pointers({ data: { kind: 'checkServices', services: [service] } })).toEqual([204]);
    expect(test.queues.sent).toMatchObject([
      { message: { status: 'succeeded', data: { services: [service] } } },
    ]);
  });

  it('TRB-1: are about what the command asked for: another result is not recorded, and the command stays open', async () => {
    await queue({ kind: 'restartService', parameters: { service: 'IIS' } });
    await fetchCommands();
    const restarted = (more: object) =>
      report({ status: 'succeeded', data: { kind: 'restartService', service: { ...service, ...more } } });
    const other = await restarted({ name: 'CitrixSsRecStorageManager' });
    expect(other).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
    expect(other.body.errors).toMatchObject([{ pointer: '/data/service/name' }]);
    expect((await restarted({ state: 'stopped' })).status).toBe(400);
    expect(test.queues.sent).toEqual([]);
    test.clock.advanceSeconds(61);
    expect((await fetchCommands()).map(({ id }) => id)).toEqual(['c']);
    expect((await restarted({})).status).toBe(204);
  });

  it('are not allowed for a kind that has none', async () => {
    await queue(LOCK);
    await fetchCommands();
    const data = { kind: 'checkServices', services: [service] };
    expect((await report({ status: 'succeeded', data })).status).toBe(400);
    expect((await report({ status: 'succeeded' })).status).toBe(204);
  });
});

describe('a secret parameter', () => {
  const PASSWORD = `a"b'c;d\`e$f`;

  it('INS-2: is added when the command is delivered, unchanged, and never stored', async () => {
    await test.services.secrets.set('database-password', PASSWORD);
    await queue({
      kind: 'testConnection',
      parameters: { ...DATABASES, passwordSecret: 'database-password' },
    });
    expect((await fetchCommands())[0]?.parameters).toEqual({ ...DATABASES, password: PASSWORD });
    const stored = (await test.storedOf('presence')).join('');
    expect(stored).toContain('database-password');
    expect(stored).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
  });

  it('makes the command fail when it is gone, and the others are delivered', async () => {
    await queue({ kind: 'testConnection', parameters: { ...DATABASES, passwordSecret: 'gone' } });
    await queue(LOCK, 'd');
    expect((await fetchCommands()).map(({ id }) => id)).toEqual(['d']);
    expect(test.queues.sent).toMatchObject([{ message: { commandId: 'c', status: 'failed' } }]);
  });
});
