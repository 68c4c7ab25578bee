/** Upgrades of cloud clients: at once and automatic, to their end, with a database that fails and timers that overlap. */
import { IDLE_STATE } from '../../../tests/support/idle-state';
import type { DurableClient } from 'durable-functions';
import { call } from '../../../tests/support/call';
import { publish } from '../../../tests/support/packages';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { commandResultsQueue } from '../commands/command';
import { takeCommandReport } from '../commands/command-purpose';
import { runScheduled, scheduledRunQueue, startDueSchedules } from '../../../shared/schedules/run-schedules';
import { scheduleType } from '../../../shared/schedules/schedule';
import { taskType } from '../../../shared/tasks/task';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { serverOperations } from '../operations';
import { serverType } from '../server';
import { clientUpgrades } from './automatic-upgrade';
import { clientUpgradeType } from './client-upgrade';
import { resumeUpgrades, upgradeCommands } from './end-upgrade';

const OLD = '7.42.15010.4';
const NEW = '7.50.1.1';
const log = lineLog(() => undefined);

let test: RecordingServerTest;
let serverId: string;

/** The test's clock starts at noon (UTC) of 15 January 2030; the server is in Paris. */
beforeEach(async () => {
  test = await startRecordingServerTest();
  await publish(test.blobs, 'client', NEW);
  serverId = await test.register({ clientVersion: OLD });
  await beat();
});
afterEach(() => test.close());

const control = () => test.services.database.control(test.customerId);
const server = async () => (await control().read(serverType, serverId)) ?? fail('there is no server');
const lastUpgrade = () => control().read(clientUpgradeType, serverId);
const schedule = async () =>
  (await control().list(scheduleType, { limit: 10 })).find(({ kind }) => kind === 'clientUpgrade');
const tasks = () => control().list(taskType, { limit: 10 });
function fail(message: string): never {
  throw new Error(message);
}
const send = async (id: string, more: object = {}) => {
  const operation = serverOperations.find((one) => one.id === id) ?? fail(id);
  return call(test.services, operation, { token: await test.issuer.token(), params: { serverId }, ...more });
};
const upgrade = () => send('upgradeServer');
const beat = () =>
  test.send('sendHeartbeat', {
    params: { serverId },
    body: {
      ...IDLE_STATE,
      clientTime: test.time(),
    },
  });
const commands = async () => {
  const { body } = await test.send('fetchCommands', { params: { serverId } });
  return body['value'] as { id: string; kind: string; parameters: object }[];
};
const report = async (commandId: string, body: object) => {
  const { status } = await test.send('answerCommand', { params: { serverId, commandId }, body });
  await deliverReports();
  return status;
};
const deliverReports = async () => {
  const sent = test.queues.sent.filter(({ queue }) => queue === commandResultsQueue.name);
  for (const { message } of sent.concat(sent)) {
    const handle = takeCommandReport([upgradeCommands]);
    await handle(test.services, message as never, {} as DurableClient, log);
  }
  test.queues.sent.length = 0;
};
const slotIs = async (from: string, to: string, automatic = true) => {
  const { headers } = await send('getServerSettings');
  const changed = await send('changeServerSettings', {
    headers: { 'if-match': headers['etag'] },
    body: { clientUpgrade: { automatic, from, to } },
  });
  expect(changed.status).toBe(200);
};
/** What the timer and the queue do, each of them twice. */
const runDue = async () => {
  await Promise.all([startDueSchedules(test.services, log), startDueSchedules(test.services, log)]);
  const runs = test.queues.sent.filter(({ queue }) => queue === scheduledRunQueue.name);
  test.queues.sent.length = 0;
  for (const { message } of [...runs, ...runs])
    await runScheduled([clientUpgrades])(test.services, message as never, log);
  return runs.length;
};
const setTime = (instant: string) => {
  test.clock.advanceSeconds((Date.parse(instant) - test.clock.now().getTime()) / 1000);
};

describe('at once', () => {
  it('UPG-1: sends one command with a fresh URL, and ends when the server registers with the new version', async () => {
    const accepted = await upgrade();
    expect(accepted.status).toBe(202);
    expect(await server()).toMatchObject({ status: 'upgrading' });
    test.clock.advanceSeconds(70);
    await resumeUpgrades(test.services, log);
    const [command, ...others] = await commands();
    expect(others).toEqual([]);
    expect(command).toMatchObject({
      kind: 'upgrade',
      parameters: {
        clientVersion: NEW,
        package: { sha256: 'a'.repeat(64), url: expect.stringContaining(NEW) as string },
      },
    });
    expect((await test.storedOf('presence')).join('')).not.toContain('blob.test');
    await test.register({ clientVersion: NEW });
    expect(await server()).toMatchObject({ status: 'available', clientVersion: NEW });
    expect(await tasks()).toMatchObject([
      { state: 'Succeeded', id: accepted.headers['operation-location']?.split('/').at(-1) },
    ]);
    expect(await report(command?.id ?? '', { status: 'failed', reason: 'late' })).toBe(409);
    expect(await lastUpgrade()).toMatchObject({ outcome: 'succeeded' });
    expect((await lastUpgrade())?.dueAt).toBeUndefined();
  });

  it('UPG-1: ends by the result of the command, also a failure, with the reason shown', async () => {
    await upgrade();
    const [first] = await commands();
    await report(first?.id ?? '', { status: 'failed', reason: 'the hash differs' });
    expect(await server()).toMatchObject({
      status: 'available',
      statusReason: expect.stringContaining('the hash differs') as string,
    });
    await beat();
    expect((await server()).statusReason).toContain('the hash differs');
    await upgrade();
    const [second] = await commands();
    const data = { kind: 'upgrade', clientVersion: NEW };
    await report(second?.id ?? '', { status: 'succeeded', data });
    expect(await server()).toMatchObject({ status: 'available', clientVersion: NEW });
    expect((await tasks()).map(({ state }) => state)).toEqual(['Failed', 'Succeeded']);
  });

  it('UPG-1: a result that names an older version is a failure', async () => {
    await upgrade();
    const [command] = await commands();
    const data = { kind: 'upgrade', clientVersion: OLD };
    await report(command?.id ?? '', { status: 'succeeded', data });
    expect(await lastUpgrade()).toMatchObject({ outcome: 'failed' });
    expect(await server()).toMatchObject({ status: 'available', clientVersion: OLD });
  });

  it('UPG-1: is refused with the reason when the server is busy, up to date, or the version cannot be installed', async () => {
    await upgrade();
    expect(await upgrade()).toMatchObject({ status: 409, body: { from: 'upgrading' } });
    await test.register({ clientVersion: NEW });
    expect(await upgrade()).toMatchObject({ status: 409, body: { found: NEW, latest: NEW } });
    await publish(test.blobs, 'client', '7.60.1.1', { minimumClientVersion: '7.55.1.1' });
    test.clock.advanceSeconds(31);
    expect(await upgrade()).toMatchObject({ status: 409, body: { needed: '7.55.1.1' } });
    await test.send('unregisterServer', { params: { serverId } });
    expect(await upgrade()).toMatchObject({ status: 409, body: { from: 'uninstalled' } });
  });

  it.each(['first', 'second'])(
    'UPG-1: of those who start the %s upgrade at once one succeeds, the others learn why not',
    async (which) => {
      if (which === 'second') {
        await upgrade();
        const [command] = await commands();
        await report(command?.id ?? '', { status: 'failed', reason: 'the hash differs' });
      }
      const answers = await Promise.all([upgrade(), upgrade(), upgrade()]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409]);
      for (const { body } of answers.filter(({ status }) => status === 409))
        expect(body).toMatchObject({ code: 'conflict', from: 'upgrading' });
      expect((await tasks()).filter(({ state }) => state !== 'Failed')).toHaveLength(1);
    },
  );

  it('UPG-1: is refused while no version is published', async () => {
    test.blobs.blobs.clear();
    const { status, body } = await upgrade();
    expect([status, String(body['detail'])]).toEqual([
      409,
      expect.stringContaining('No version of the cloud client is published'),
    ]);
  });

  it('UPG-1: upgrades a server that is in maintenance because its client is too old', async () => {
    await test.register({ clientVersion: '7.30.1.1' });
    await beat();
    expect((await server()).status).toBe('maintenance');
    expect((await upgrade()).status).toBe(202);
    await test.register({ clientVersion: NEW });
    expect((await server()).status).toBe('available');
  });

  it('UPG-3: after 30 minutes a server that is heard of is available again, with the reason', async () => {
    await upgrade();
    await commands();
    for (let minute = 0; minute < 31; minute++) {
      test.clock.advanceSeconds(60);
      await beat();
      await resumeUpgrades(test.services, log);
      if (minute < 28) expect((await server()).status).toBe('upgrading');
    }
    expect(await server()).toMatchObject({
      status: 'available',
      statusReason: expect.stringContaining('within 30 minutes') as string,
    });
    expect(await tasks()).toMatchObject([{ state: 'Failed' }]);
    expect(await commands()).toEqual([]);
  });

  it('UPG-3: after 30 minutes a silent server is offline', async () => {
    await upgrade();
    test.clock.advanceSeconds(1_800);
    await resumeUpgrades(test.services, log);
    expect(await server()).toMatchObject({ status: 'offline' });
    await test.register({ clientVersion: NEW });
    await beat();
    expect(await server()).toMatchObject({ status: 'available', clientVersion: NEW });
  });

  it('UPG-3: ends the upgrade of a server whose cloud client is uninstalled', async () => {
    await upgrade();
    const [command] = await commands();
    await test.send('unregisterServer', { params: { serverId } });
    expect((await server()).status).toBe('uninstalled');
    expect(await tasks()).toMatchObject([{ state: 'Failed' }]);
    expect(await lastUpgrade()).toMatchObject({ reason: expect.stringContaining('was removed') as string });
    const late = { status: 'succeeded', data: { kind: 'upgrade', clientVersion: NEW } };
    expect(await report(command?.id ?? '', late)).toBe(409);
    test.clock.advanceSeconds(1_800);
    await resumeUpgrades(test.services, log);
    expect((await server()).status).toBe('uninstalled');
  });

  it('UPG-3: the next upgrade ends one that an interrupted removal of the cloud client left behind', async () => {
    await upgrade();
    let writes = 0;
    test.injectFault(async (request, next) => {
      const isWrite = request.method !== 'GET' && request.headers['x-ms-documentdb-isquery'] === undefined;
      const answer = { status: 503, headers: {}, body: '{}' };
      return isWrite && ++writes > 1 ? answer : next(request);
    });
    await test.send('unregisterServer', { params: { serverId } });
    test.injectFault(undefined);
    expect(await tasks()).toMatchObject([{ state: 'Running' }]);
    await test.register({ clientVersion: OLD });
    await beat();
    expect((await upgrade()).status).toBe(202);
    const states = (await tasks()).map(({ state }) => state);
    expect(states.toSorted()).toEqual(['Failed', 'Running']);
  });

  it('UPG-3: after a database failure at any write, the upgrade is started once or not at all, and comes to an end', async () => {
    const statuses = new Set<number>();
    for (let failing = 1; failing <= 5; failing++) {
      serverId = await test.register({ machineId: `machine ${failing}`, clientVersion: OLD });
      await beat();
      let writes = 0;
      test.injectFault(async (request, next) => {
        const answer = { status: 503, headers: {}, body: '{}' };
        const isWrite = request.method === 'POST' && request.headers['x-ms-documentdb-isquery'] === undefined;
        return isWrite && ++writes === failing ? answer : next(request);
      });
      const { status } = await upgrade();
      test.injectFault(undefined);
      statuses.add(status);
      const isStarted = (await lastUpgrade()) !== undefined;
      expect([failing, status]).toEqual([failing, isStarted ? 202 : 503]);
      test.clock.advanceSeconds(70);
      await resumeUpgrades(test.services, log);
      expect(await commands()).toHaveLength(isStarted ? 1 : 0);
      test.clock.advanceSeconds(1_800);
      await resumeUpgrades(test.services, log);
      expect((await server()).status).not.toBe('upgrading');
    }
    expect([...statuses].toSorted()).toEqual([202, 503]);
    expect((await tasks()).map(({ state }) => state)).not.toContain('Running');
  });
});

describe('automatic', () => {
  it('UPG-1: a registered server is upgraded between 02:00 and 03:00 of its own time zone, by default', async () => {
    expect(await schedule()).toMatchObject({
      recurrence: {
        every: 'day',
        timeZone: 'Europe/Paris',
        at: expect.stringMatching(/^02:[0-4]/) as string,
      },
    });
    setTime('2030-01-16T00:59:00Z');
    await beat();
    expect(await runDue()).toBe(0);
    setTime('2030-01-16T01:50:00Z');
    await beat();
    expect(await runDue()).toBe(1);
    expect((await server()).status).toBe('upgrading');
    expect(await tasks()).toMatchObject([{ initiator: { kind: 'system' } }]);
    expect(await commands()).toHaveLength(1);
  });

  it('UPG-3: a failed upgrade is tried again in the next slot, once in each', async () => {
    for (const day of ['16', '17']) {
      setTime(`2030-01-${day}T01:50:00Z`);
      await beat();
      await runDue();
      const [command] = await commands();
      await report(command?.id ?? '', { status: 'failed', reason: 'no disk space' });
      expect((await server()).status).toBe('available');
      await runDue();
      expect((await server()).status).toBe('available');
    }
    expect(await tasks()).toHaveLength(2);
  });

  it('UPG-3: a run that comes after the end of the slot does nothing', async () => {
    setTime('2030-01-16T01:50:00Z');
    await beat();
    await startDueSchedules(test.services, log);
    const [run] = test.queues.sent.splice(0);
    setTime('2030-01-16T02:00:00Z');
    await beat();
    await runScheduled([clientUpgrades])(test.services, run?.message as never, log);
    expect(await tasks()).toEqual([]);
  });

  it('UPG-3: is started once on the nights of daylight-saving change', async () => {
    for (const night of ['2030-03-31', '2030-10-27']) {
      setTime(`${night}T00:00:00Z`);
      await runDue();
      for (let quarter = 0; quarter < 12; quarter++) {
        test.clock.advanceSeconds(900);
        await beat();
        await runDue();
        const [command] = await commands();
        if (command) await report(command.id, { status: 'failed', reason: 'not now' });
      }
      const ofNight = (await tasks()).filter(({ createdAt }) => createdAt.startsWith(night));
      expect([night, ofNight.length]).toEqual([night, 1]);
    }
  });

  it('UPG-1: a change of the slot takes effect on the next day of the server', async () => {
    setTime('2030-01-16T00:30:00Z'); // 01:30 in Paris.
    await beat();
    await slotIs('05:00', '06:00');
    setTime('2030-01-16T01:50:00Z');
    await beat();
    await runDue();
    expect(await tasks()).toHaveLength(1);
    const [command] = await commands();
    await report(command?.id ?? '', { status: 'failed', reason: 'not now' });
    setTime('2030-01-16T04:50:00Z');
    await beat();
    await runDue();
    expect(await tasks()).toHaveLength(1);
    setTime('2030-01-17T01:50:00Z');
    await beat();
    await runDue();
    expect(await tasks()).toHaveLength(1);
    setTime('2030-01-17T04:50:00Z');
    await beat();
    await runDue();
    expect(await tasks()).toHaveLength(2);
  });

  it('UPG-1: is not done when it is switched off', async () => {
    await slotIs('02:00', '03:00', false);
    for (const day of ['16', '17']) {
      setTime(`2030-01-${day}T01:50:00Z`);
      await beat();
      expect(await runDue()).toBe(1);
    }
    expect(await tasks()).toEqual([]);
  });

  it('UPG-1: a server that changes its time zone is upgraded by the new one from its next day on', async () => {
    await test.register({ clientVersion: OLD, timeZone: 'America/New_York' });
    expect(await schedule()).toMatchObject({
      recurrence: { timeZone: 'America/New_York' },
      nextRunAt: expect.stringMatching(/^2030-01-16T07:/) as string,
    });
  });

  it('UPG-3: the schedule is removed with the server, and is there again when the server is', async () => {
    await test.send('unregisterServer', { params: { serverId } });
    const removed = await send('removeServer', { headers: { 'if-match': (await server()).etag } });
    expect([removed.status, await schedule()]).toEqual([204, undefined]);
    await test.register({ clientVersion: OLD });
    expect(await schedule()).toBeDefined();
  });
});
