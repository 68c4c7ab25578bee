/** Commands: leased, expired, answered once, and reported to the action that waits for the outcome. */
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { FABRIKAM } from '../../tests/support/test-issuer';
import { lineLog } from '../../shared/telemetry/telemetry';
import { queueCommand } from '../servers';
import { commandType } from '../servers/commands/command';
import { expireCommands } from '../servers/commands/finish-command';

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

const log = lineLog(() => undefined);
const replyTo = { instanceId: 'response-1', eventName: 'locked' };
const queue = (id: string, more: { expiresInSeconds?: number; replyTo?: typeof replyTo } = {}) =>
  queueCommand(test.services, {
    id,
    customerId: test.customerId,
    serverId,
    kind: 'lockSession',
    parameters: {},
    expiresAt: new Date(test.clock.now().getTime() + (more.expiresInSeconds ?? 600) * 1000),
    replyTo: more.replyTo,
  });
const fetchCommands = async (query = '') => {
  const { body } = await test.send('fetchCommands', { params: { serverId }, query });
  return body['value'] as { id: string; deliveries: number }[];
};
const idsOf = (commands: { id: string }[]) => commands.map(({ id }) => id);
const answer = (commandId: string, body: Record<string, unknown> = { status: 'succeeded' }) =>
  test.send('answerCommand', { params: { serverId, commandId }, body });
const stored = (id: string) =>
  test.services.database.presence(test.customerId, serverId).read(commandType, id);
const succeeded = { queue: 'command-results', message: { replyTo, commandId: 'c', status: 'succeeded' } };

describe('commands', () => {
  it('are made once, however often they are asked for', async () => {
    expect(await queue('c')).toBe('queued');
    expect(await queue('c', { expiresInSeconds: 1 })).toBe('exists');
    expect(idsOf(await fetchCommands())).toEqual(['c']);
  });

  it('are handed out oldest first, each to one request', async () => {
    for (const id of ['z', 'm', 'a']) {
      await queue(id);
      test.clock.advanceSeconds(1);
    }
    const answers = await Promise.all(Array.from({ length: 4 }, () => fetchCommands()));
    expect(
      answers
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['a', 'm', 'z']);
    test.clock.advanceSeconds(61);
    expect(idsOf(await fetchCommands())).toEqual(['z', 'm', 'a']);
  });

  it('CCL-4: are handed out again when no result comes while they are leased', async () => {
    await queue('c');
    expect(await fetchCommands()).toMatchObject([{ id: 'c', deliveries: 1 }]);
    test.clock.advanceSeconds(59);
    expect(await fetchCommands()).toEqual([]);
    test.clock.advanceSeconds(1);
    expect(await fetchCommands()).toMatchObject([{ id: 'c', deliveries: 2 }]);
  });

  it('CCL-4: are never handed out from their expiry on', async () => {
    await queue('c', { expiresInSeconds: 30 });
    test.clock.advanceSeconds(30);
    expect(await fetchCommands()).toEqual([]);
  });

  it('CCL-2: are announced by the heartbeat', async () => {
    const beat = async () => {
      const machine = { services: 'running', cpuPercent: 1, memoryPercent: 1, storage: [], liveSessions: 0 };
      const body = { ...machine, networkSendKbps: 0, networkReceiveKbps: 0, clientTime: test.time() };
      return (await test.send('sendHeartbeat', { params: { serverId }, body })).body['commandsWaiting'];
    };
    expect(await beat()).toBe(false);
    await queue('c');
    expect(await beat()).toBe(true);
    await fetchCommands();
    expect(await beat()).toBe(false);
  });

  it('are of their server alone', async () => {
    await queue('c');
    const other = await test.register({}, FABRIKAM);
    const foreign = { params: { serverId: other, commandId: 'c' }, body: { status: 'succeeded' } };
    expect((await test.send('answerCommand', foreign)).status).toBe(404);
    expect((await test.send('answerCommand', foreign, FABRIKAM)).status).toBe(404);
    expect((await answer('none')).status).toBe(404);
    expect((await test.send('fetchCommands', { params: { serverId: other } })).status).toBe(404);
  });
});

describe('a request for commands that waits', () => {
  it('is answered when a command comes', async () => {
    const commands = fetchCommands('?waitSeconds=30');
    await queue('c');
    expect(idsOf(await commands)).toEqual(['c']);
  });

  it('is answered without any when its time is over', async () => {
    const passing = setInterval(() => test.clock.advanceSeconds(1), 50);
    const commands = await fetchCommands('?waitSeconds=1');
    clearInterval(passing);
    expect(commands).toEqual([]);
  });

  it('CCL-4: waits no longer than 30 seconds', async () => {
    const request = test.send('fetchCommands', { params: { serverId }, query: '?waitSeconds=31' });
    expect((await request).body.errors).toMatchObject([{ parameter: 'waitSeconds' }]);
  });
});

describe('the result of a command', () => {
  it('CCL-4: is recorded once, and reported to what waits for it', async () => {
    await queue('c', { replyTo });
    await fetchCommands();
    expect((await answer('c')).status).toBe(204);
    expect((await answer('c')).status).toBe(204);
    expect(test.queues.sent).toEqual([succeeded]);
    expect(await answer('c', { status: 'failed', reason: 'no' })).toMatchObject({ status: 409 });
    test.clock.advanceSeconds(3_600);
    expect(await fetchCommands()).toEqual([]);
    await expireCommands(test.services, log);
    expect((await stored('c'))?.status).toBe('succeeded');
  });

  it('is one of two when both come at the same moment', async () => {
    await queue('c');
    await fetchCommands();
    const statuses = await Promise.all([
      answer('c').then(({ status }) => status),
      answer('c', { status: 'failed', reason: 'no' }).then(({ status }) => status),
    ]);
    expect(statuses.toSorted()).toEqual([204, 409]);
  });

  it('is refused for a command that was never handed out', async () => {
    await queue('c');
    expect((await answer('c')).status).toBe(409);
  });

  it('is reported again by the sweep when it could not be reported at once', async () => {
    await queue('c', { replyTo });
    await fetchCommands();
    test.queues.beforeSend = () => {
      throw Object.assign(new Error('the queue is away'), { statusCode: 503 });
    };
    expect((await answer('c')).status).toBe(503);
    test.queues.beforeSend = () => undefined;
    await expireCommands(test.services, log);
    await expireCommands(test.services, log);
    expect(test.queues.sent).toEqual([succeeded]);
  });

  it('is `expired` when no server fetched the command in time, and reported as such', async () => {
    await queue('c', { expiresInSeconds: 30, replyTo });
    test.clock.advanceSeconds(30);
    await expireCommands(test.services, log);
    expect(test.queues.sent).toMatchObject([{ message: { status: 'expired', commandId: 'c' } }]);
    expect((await answer('c')).body.code).toBe('conflict');
  });

  it('still counts after the expiry while the command is leased: it was begun in time', async () => {
    await queue('c', { expiresInSeconds: 30, replyTo });
    test.clock.advanceSeconds(29);
    await fetchCommands();
    test.clock.advanceSeconds(30);
    await expireCommands(test.services, log);
    expect((await answer('c')).status).toBe(204);
    expect(test.queues.sent).toEqual([succeeded]);
  });
});
