/** Installations of the server component, driven through the API with a machine at the other end. */
import type { DurableClient } from 'durable-functions';
import { call } from '../../../tests/support/call';
import { publish } from '../../../tests/support/packages';
import {
  MACHINE,
  type RecordingServerTest,
  startRecordingServerTest,
} from '../../../tests/support/recording-server';
import { runTaskByHand } from '../../../tests/support/sample-tasks';
import { removeOverdueSecrets } from '../../../shared/secrets/temporary-secret';
import { taskType } from '../../../shared/tasks/task';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { commandResultsQueue } from '../commands/command';
import { takeCommandReport } from '../commands/command-purpose';
import { expireCommands } from '../commands/finish-command';
import { serverOperations } from '../operations';
import { serverType } from '../server';
import { siteOperations } from '../../sites';
import { serverTaskCommands } from '../troubleshooting/server-task';
import { installationCommands, resumeInstallations } from './end-installation';
import { installationType } from './installation';
import { checkInstallationTask, testConnectionTask } from './installation-tasks';

const log = lineLog(() => undefined);
const HOSTILE = `pa"ss'wo;rd\`$x 'é&|<>%^\\`;
const DATABASES = {
  type: 'onPremises',
  instance: 'SQL09\\REC',
  recordingDatabase: 'Recording',
  loggingDatabase: 'Logging',
};
const ACCOUNT = { userName: 'sa', password: HOSTILE };
const ANSWERS = { serverVersion: '24.2.0.16', databases: { ...DATABASES, ...ACCOUNT } };

let test: RecordingServerTest;
let serverId: string;
let started: string[];

beforeEach(async () => {
  test = await startRecordingServerTest();
  await publish(test.blobs, 'server', '24.2.0.16');
  started = [];
  serverId = await registerReady('machine to install');
});
afterEach(() => test.close());

const registerReady = (machineId: string) =>
  test.register({ machineId, hostName: 'NEW01', serverVersion: undefined, database: undefined });
const registerServer = () =>
  test.register({
    machineId: 'machine to install',
    hostName: 'NEW01',
    serverVersion: '24.2.0.16',
    database: { instance: 'SQL09\\REC', name: 'Recording' },
  });
const control = () => test.services.database.control(test.customerId);
function fail(message: string): never {
  throw new Error(message);
}
const server = async () => (await control().read(serverType, serverId)) ?? fail('there is no server');
const send = async (id: string, more: object = {}) => {
  const operation =
    [...serverOperations, ...siteOperations].find((one) => one.id === id) ?? fail(`no operation ${id}`);
  return call(test.services, operation, { token: await test.issuer.token(), params: { serverId }, ...more });
};
const install = (body: object = ANSWERS) => send('startInstallation', { body });
const show = async () => (await send('getInstallation')).body;
const tasks = () => control().list(taskType, { limit: 20 });
const commands = async () =>
  (await test.send('fetchCommands', { params: { serverId } })).body['value'] as {
    id: string;
    kind: string;
    parameters: { databases: { password?: string }; password?: string };
  }[];
/** Every report is delivered twice. */
const deliverReports = async () => {
  const client = {
    startNew: async (_name: string, { input }: { input: { taskId: string } }) => {
      started.push(input.taskId);
      return input.taskId;
    },
    getStatus: async () => undefined,
  } as unknown as DurableClient;
  const sent = test.queues.sent.filter(({ queue }) => queue === commandResultsQueue.name);
  test.queues.sent.length = 0;
  for (const { message } of sent.flatMap((one) => [one, one]))
    await takeCommandReport([installationCommands, serverTaskCommands])(
      test.services,
      message as never,
      client,
      log,
    );
};
const report = async (commandId: string, body: object) => {
  const { status } = await test.send('answerCommand', { params: { serverId, commandId }, body });
  await deliverReports();
  return status;
};
/** What the timers do. */
const sweep = async () => {
  await expireCommands(test.services, log);
  await deliverReports();
  await resumeInstallations(test.services, log);
};
/** What the secret store has beside the service's own key. */
const passwords = () => test.vault.values().filter((value) => !value.includes('"kid"'));
const INSTALLED = { kind: 'install', serverVersion: '24.2.0.16', restartRequired: false };
const everything = async () =>
  (await Promise.all(['control', 'presence', 'log', 'people'].map((name) => test.stored(name)))).join('\n');

describe('an installation', () => {
  it('INS-3: shows its steps, and has succeeded when the machine registers with the server component', async () => {
    const accepted = await install();
    expect(accepted.status).toBe(202);
    expect(await server()).toMatchObject({ status: 'installationInProgress' });
    const [command] = await commands();
    expect(command).toMatchObject({
      kind: 'install',
      parameters: {
        serverVersion: '24.2.0.16',
        installationPath: 'C:\\Program Files\\Citrix\\SessionRecording',
        administratorLogging: { logging: true, mandatoryBlocking: true },
        package: { sha256: 'a'.repeat(64) },
        databases: { ...DATABASES, ...ACCOUNT },
      },
    });
    const id = command?.id ?? '';
    for (const step of [
      'Step 1 of 3: Downloading …',
      'Step 2 of 3: Installing …',
      'Step 3 of 3: Configuring …',
    ]) {
      test.clock.advanceSeconds(240);
      expect(await report(id, { status: 'running', step })).toBe(204);
      await sweep();
      expect(await show()).toMatchObject({ state: 'inProgress', step });
      expect(await server()).toMatchObject({ status: 'installationInProgress', statusReason: step });
    }
    await report(id, { status: 'succeeded', data: INSTALLED });
    expect(await show()).toMatchObject({
      state: 'inProgress',
      step: 'Installed, waiting for the machine to register as a server',
    });
    await registerServer();
    expect(await server()).toMatchObject({ status: 'discovered', serverVersion: '24.2.0.16' });
    expect(await show()).toMatchObject({ state: 'succeeded' });
    const [task] = await tasks();
    expect(task).toMatchObject({ state: 'Succeeded', counts: { succeeded: 1, failed: 0 } });
    expect(task?.log.map(({ text }) => text)).toContain('Step 2 of 3: Installing …');
    expect(passwords()).toEqual([]);
  });

  it('INS-2: a password with any character reaches the machine, and is nowhere but in the secret store', async () => {
    for (const [number, password] of [HOSTILE, '"', "';`$", '$(calc)', '`"`'].entries()) {
      serverId = await registerReady(`machine ${number}`);
      const databases = { ...DATABASES, userName: 'sa', password };
      expect((await install({ ...ANSWERS, databases })).status).toBe(202);
      const [command] = await commands();
      expect(command?.parameters.databases.password).toBe(password);
    }
    const text = await everything();
    for (const form of [HOSTILE, JSON.stringify(HOSTILE).slice(1, -1), '$(calc)'])
      expect([form, text.includes(form)]).toEqual([form, false]);
    expect(JSON.stringify(test.queues.sent)).not.toContain('wo;rd');
    expect(JSON.stringify(await show())).not.toContain('password');
    expect(passwords()).toHaveLength(5);
  });

  it('INS-3: that fails is shown with its reason, and started again from its saved answers', async () => {
    await install();
    const [command] = await commands();
    await report(command?.id ?? '', { status: 'failed', reason: 'the hash of the package differs' });
    expect(await server()).toMatchObject({
      status: 'installationFailed',
      statusReason: expect.stringContaining('Check the machine') as string,
    });
    const shown = await show();
    expect(shown).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('the hash of the package differs') as string,
    });
    expect(await tasks()).toMatchObject([{ state: 'Failed' }]);
    expect(passwords()).toEqual([]);
    const answers = shown['answers'] as typeof ANSWERS;
    const again = await install({
      ...answers,
      databases: { ...answers.databases, password: HOSTILE },
    });
    expect(again.status).toBe(202);
    expect((await commands()).map(({ parameters }) => parameters.databases.password)).toEqual([HOSTILE]);
    await report(command?.id ?? '', { status: 'failed', reason: 'the hash of the package differs' });
    expect((await server()).status).toBe('installationInProgress');
  });

  it.each([
    ['never fetched', async () => undefined],
    ['fetched without a report', async () => void (await commands())],
    [
      'silent after a step',
      async () => {
        const [command] = await commands();
        await report(command?.id ?? '', { status: 'running', step: 'Step 1 of 3: Downloading …' });
      },
    ],
  ])('INS-3: fails after 15 silent minutes: %s', async (_, begin) => {
    await install();
    await begin();
    for (let minute = 0; minute < 14; minute++) {
      test.clock.advanceSeconds(60);
      await sweep();
      expect((await server()).status).toBe('installationInProgress');
    }
    for (let minute = 0; minute < 2; minute++) {
      test.clock.advanceSeconds(60);
      await sweep();
    }
    expect((await server()).status).toBe('installationFailed');
    expect(await tasks()).toMatchObject([{ state: 'Failed' }]);
    expect(await commands()).toEqual([]);
    expect(passwords()).toEqual([]);
    await registerServer();
    expect((await server()).status).toBe('discovered');
  });

  it('INS-3: is delivered again two minutes after its last step, also after its expiry, and succeeds', async () => {
    await install();
    const [begun] = await commands();
    const step = 'Step 2 of 3: Installing …';
    for (let minute = 0; minute < 20; minute++) {
      expect(await report(begun?.id ?? '', { status: 'running', step })).toBe(204);
      test.clock.advanceSeconds(60);
      expect(await commands()).toEqual([]);
      await sweep();
    }
    // The client was killed: one that is back goes on.
    test.clock.advanceSeconds(60);
    await sweep();
    expect(await commands()).toMatchObject([{ id: begun?.id, deliveries: 2 }]);
    expect(await report(begun?.id ?? '', { status: 'running', step })).toBe(204);
    expect(await report(begun?.id ?? '', { status: 'succeeded', data: INSTALLED })).toBe(204);
    await registerServer();
    expect(await server()).toMatchObject({ status: 'discovered' });
    expect(await tasks()).toMatchObject([{ state: 'Succeeded' }]);
  });

  it('INS-3: fails after 90 minutes in all, whatever it reports', async () => {
    await install();
    test.clock.advanceSeconds(600);
    const [command] = await commands();
    for (let minute = 10; minute < 90; minute += 5) {
      expect(await report(command?.id ?? '', { status: 'running', step: `Step 2, ${minute}` })).toBe(204);
      await sweep();
      expect((await server()).status).toBe('installationInProgress');
      test.clock.advanceSeconds(300);
    }
    await sweep();
    expect(await server()).toMatchObject({
      status: 'installationFailed',
      statusReason: expect.stringContaining('within 90 minutes') as string,
    });
    expect(await report(command?.id ?? '', { status: 'running', step: 'more' })).toBe(409);
  });

  it('INS-3: fails when the machine says that it is done, and does not register', async () => {
    await install();
    const [command] = await commands();
    const data = { ...INSTALLED, restartRequired: true };
    await report(command?.id ?? '', { status: 'succeeded', data });
    expect((await server()).statusReason).toContain('Restart the machine');
    test.clock.advanceSeconds(900);
    await sweep();
    expect((await server()).status).toBe('installationFailed');
    await registerServer();
    expect((await server()).status).toBe('discovered');
  });

  it('INS-3: ends when the cloud client is removed meanwhile', async () => {
    await install();
    const [command] = await commands();
    await test.send('unregisterServer', { params: { serverId } });
    expect((await server()).status).toBe('uninstalled');
    expect(await show()).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('the cloud client of the machine was removed') as string,
    });
    expect(await tasks()).toMatchObject([{ state: 'Failed' }]);
    expect(passwords()).toEqual([]);
    expect(await report(command?.id ?? '', { status: 'succeeded', data: INSTALLED })).toBe(409);
    await registerReady('machine to install');
    expect((await install()).status).toBe(202);
    expect((await tasks()).map(({ state }) => state).toSorted()).toEqual(['Failed', 'Running']);
  });

  it('INS-3: one that a crash left behind at the removal of the client ends when another is started', async () => {
    await install();
    const known = await server();
    await control().replace(serverType, { ...known, status: 'readyToInstall' });
    expect((await install()).status).toBe(202);
    expect((await tasks()).map(({ state }) => state).toSorted()).toEqual(['Failed', 'Running']);
    await sweep();
    expect((await server()).status).toBe('installationInProgress');
    expect(await commands()).toHaveLength(1);
  });

  it('INS-3: after a database failure at any write it is started once or not at all, and comes to an end', async () => {
    const statuses = new Set<number>();
    for (let failing = 1; failing <= 6; failing++) {
      serverId = await registerReady(`machine ${failing}`);
      let writes = 0;
      test.injectFault(async (request, next) => {
        const isWrite = request.method === 'POST' && request.headers['x-ms-documentdb-isquery'] === undefined;
        return isWrite && ++writes === failing ? { status: 503, headers: {}, body: '{}' } : next(request);
      });
      const { status } = await install();
      test.injectFault(undefined);
      statuses.add(status);
      const isStarted = (await control().read(installationType, serverId)) !== undefined;
      expect([failing, status]).toEqual([failing, isStarted ? 202 : 503]);
      test.clock.advanceSeconds(61);
      await sweep();
      expect(await commands()).toHaveLength(isStarted ? 1 : 0);
      test.clock.advanceSeconds(3 * 3_600);
      await sweep();
      await removeOverdueSecrets(test.services, log);
      expect((await server()).status).toBe(isStarted ? 'installationFailed' : 'readyToInstall');
      expect(passwords()).toEqual([]);
    }
    expect([...statuses].toSorted()).toEqual([202, 503]);
    expect((await tasks()).map(({ state }) => state)).not.toContain('Running');
  });

  it('INS-3: a failure of the database while it ends is recovered by the sweep', async () => {
    await install();
    const [command] = await commands();
    await test.send('answerCommand', {
      params: { serverId, commandId: command?.id ?? '' },
      body: { status: 'failed', reason: 'no disk space' },
    });
    for (let failing = 1; failing <= 4; failing++) {
      let writes = 0;
      test.injectFault(async (request, next) => {
        const isWrite = ['POST', 'PUT', 'DELETE'].includes(request.method);
        const isQuery = request.headers['x-ms-documentdb-isquery'] !== undefined;
        return isWrite && !isQuery && ++writes >= failing
          ? { status: 503, headers: {}, body: '{}' }
          : next(request);
      });
      await deliverReports().catch(() => undefined);
      test.injectFault(undefined);
    }
    test.clock.advanceSeconds(61);
    await sweep();
    expect((await server()).status).toBe('installationFailed');
    expect(await tasks()).toMatchObject([{ state: 'Failed' }]);
    expect(passwords()).toEqual([]);
  });
});

describe('what an installation takes', () => {
  it('INS-1: a machine that is ready to install, or whose installation failed; any other is refused', async () => {
    expect((await install()).status).toBe(202);
    expect(await install()).toMatchObject({ status: 409, body: { from: 'installationInProgress' } });
    serverId = await test.register();
    expect(await install()).toMatchObject({ status: 409, body: { from: 'discovered' } });
    expect((await send('checkInstallation', { body: { serverVersion: '24.2.0.16' } })).status).toBe(409);
    expect((await send('testConnection', { body: { databases: DATABASES } })).status).toBe(409);
    expect(passwords()).toHaveLength(1);
  });

  it('INS-1: an existing site that has servers, with its database; other sites and other values are refused', async () => {
    const other = await test.register();
    const { siteId } = (await control().read(serverType, other)) ?? fail('none');
    const { loggingDatabase } = DATABASES;
    const onPremises = { type: 'onPremises', loggingDatabase };
    const wrong = await install({ ...ANSWERS, siteId });
    expect([wrong.status, wrong.body.errors?.[0]?.pointer]).toEqual([400, '/databases/instance']);
    const empty = (await send('createSite', { body: { name: 'Empty' } })).body['id'];
    expect((await install({ ...ANSWERS, siteId: empty })).status).toBe(409);
    const unknown = await install({ ...ANSWERS, siteId: '00000000-0000-4000-8000-000000000000' });
    expect([unknown.status, unknown.body.errors?.[0]?.pointer]).toEqual([400, '/siteId']);
    expect((await install({ ...ANSWERS, siteId, databases: onPremises })).status).toBe(202);
    const { instance, name: recordingDatabase } = MACHINE.database;
    expect(await show()).toMatchObject({ answers: { siteId, databases: { instance, recordingDatabase } } });
    expect(await server()).toMatchObject({ siteId });
    await registerServer();
    expect(await server()).toMatchObject({ siteId, status: 'discovered' });
  });

  it('INS-1: of those who start it at once one succeeds, the others learn why not, and keep no password', async () => {
    const answers = await Promise.all([install(), install(), install()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409]);
    for (const { body } of answers.filter(({ status }) => status === 409))
      expect(body).toMatchObject({ code: 'conflict', from: 'installationInProgress' });
    expect(passwords()).toHaveLength(1);
    expect(await tasks()).toHaveLength(1);
  });

  it('INS-1: a new site, which the next attempt uses again', async () => {
    await test.register();
    const newSite = { name: 'Lisbon' };
    const taken = {
      ...DATABASES,
      instance: MACHINE.database.instance,
      recordingDatabase: MACHINE.database.name,
    };
    expect((await install({ ...ANSWERS, newSite, databases: taken })).status).toBe(409);
    expect((await install({ ...ANSWERS, newSite: { name: 'REC01' } })).body.code).toBe('already-exists');
    expect(passwords()).toEqual([]);
    expect((await install({ ...ANSWERS, newSite })).status).toBe(202);
    test.clock.advanceSeconds(901);
    await sweep();
    const { answers } = (await show()) as { answers: { siteId: string; databases: object } };
    const again = { ...answers, databases: { ...answers.databases, password: 'again' } };
    expect((await install(again)).status).toBe(202);
    await registerServer();
    expect(await server()).toMatchObject({ siteId: answers.siteId, status: 'discovered' });
  });

  it.each([
    [{ serverVersion: '99.1.1.1' }, '/serverVersion'],
    [{ installationPath: '..\\Recording' }, '/installationPath'],
    [{ installationPath: '\\\\server\\share' }, '/installationPath'],
    [{ databases: { ...DATABASES, loggingDatabase: 'RECORDING' } }, '/databases/loggingDatabase'],
    [{ databases: { ...DATABASES, instance: 'SQL01\\A\\B' } }, '/databases/instance'],
    [{ databases: { ...DATABASES, instance: 'SQL01,70000' } }, '/databases/instance'],
    [{ databases: { ...DATABASES, instance: 'SQL01;x' } }, '/databases/instance'],
    [{ databases: { ...DATABASES, instance: undefined } }, '/databases/instance'],
    [{ databases: { ...DATABASES, type: 'awsRds', userName: 'sa' } }, '/databases/password'],
    [{ databases: { ...DATABASES, type: 'googleCloudSql', password: 'x' } }, '/databases/userName'],
  ])('INS-2: refuses %j', async (wrong, pointer) => {
    const { status, body } = await install({ ...ANSWERS, ...wrong });
    expect([status, body.errors?.map((error) => error.pointer)]).toEqual([400, [pointer]]);
  });

  it.each(['SQL01', 'sql-01.contoso.example', 'SQL01\\RECORDING', 'sql.contoso.example,1433'])(
    'INS-2: takes the instance %s',
    async (instance) => {
      expect((await install({ ...ANSWERS, databases: { ...DATABASES, instance } })).status).toBe(202);
    },
  );
});

describe('before an installation', () => {
  const runTasks = async (kinds: Parameters<typeof runTaskByHand>[1]) => {
    for (const taskId of new Set(started.splice(0)))
      await runTaskByHand(test.services, kinds, { customerId: test.customerId, taskId });
  };

  it('INS-1: the machine checks itself, and the task lists each check with cause and remedy', async () => {
    expect((await send('checkInstallation', { body: { serverVersion: '24.2.0.16' } })).status).toBe(202);
    const [command] = await commands();
    const check = {
      id: 'domain',
      name: 'Domain',
      result: 'failed',
      cause: 'No domain.',
      remedy: 'Join one.',
    };
    const data = { kind: 'prerequisiteCheck', checks: [check] };
    await report(command?.id ?? '', { status: 'succeeded', data });
    await runTasks([checkInstallationTask]);
    expect(await tasks()).toMatchObject([{ state: 'Succeeded', result: { checks: [check] } }]);
  });

  it.each([
    [
      'succeeds',
      {
        status: 'succeeded',
        data: { kind: 'testConnection', sqlServerVersion: '16.0.1', existingDatabases: [] },
      },
      'Succeeded',
    ],
    ['fails with the reason', { status: 'failed', reason: 'login failed for sa' }, 'Failed'],
  ])('INS-2: the test of the connection %s, and its password is removed', async (_, result, state) => {
    const databases = { ...DATABASES, ...ACCOUNT };
    expect((await send('testConnection', { body: { databases } })).status).toBe(202);
    const [command] = await commands();
    expect(command?.parameters.password).toBe(HOSTILE);
    expect(await everything()).not.toContain('wo;rd');
    await report(command?.id ?? '', result);
    await runTasks([testConnectionTask]);
    const [task] = await tasks();
    expect(task?.state).toBe(state);
    if (state === 'Failed') expect(task?.error).toContain('login failed for sa');
    expect(passwords()).toEqual([]);
  });

  it('INS-2: a password that nobody removed is removed when its time is over', async () => {
    await send('testConnection', { body: { databases: { ...DATABASES, ...ACCOUNT } } });
    test.clock.advanceSeconds(1_799);
    await removeOverdueSecrets(test.services, log);
    expect(passwords()).toHaveLength(1);
    test.clock.advanceSeconds(1);
    await removeOverdueSecrets(test.services, log);
    await removeOverdueSecrets(test.services, log);
    expect(passwords()).toEqual([]);
  });
});
