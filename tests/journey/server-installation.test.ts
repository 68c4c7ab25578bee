/**
 * A machine becomes a recording server: it is checked, the server component is installed from the service, and its cloud
 * client is upgraded. Requests over HTTP, and the reference client on a simulated machine at the other end.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CloudClient } from '../../scripts/cloud-client/cloud-client';
import { proxiedHttpClient } from '../../scripts/cloud-client/http-client';
import { IDLE_MACHINE } from '../../scripts/cloud-client/machine';
import { SimulatedMachine } from '../../scripts/cloud-client/simulated-machine/simulated-machine';
import { testClient } from '../../scripts/cloud-client/testing/test-client';
import { createTestCustomer, machine, type TestCustomer } from '../support/customer-requests';
import { eventually, startService, type TestService } from '../support/service';

jest.setTimeout(60_000);

/** What the local service publishes. */
const SERVER_VERSION = '24.2.0.16';
const CLIENT_VERSION = '7.42.15010.4';
const OLDER_CLIENT = '7.40.13020.11';
const PASSWORD = `a"b';\`$c`;

interface Task {
  state: string;
  error?: string;
  result?: Record<string, unknown>;
}

let service: TestService;
let customer: TestCustomer;
let folder: string;
let client: CloudClient;
let server: string;

const file = (name: string) => path.join(folder, 'machine', name);
const fail = (failures: Record<string, string>) => {
  writeFileSync(file('scenario.json'), JSON.stringify({ failures }));
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'server-installation-'));
  mkdirSync(file(''), { recursive: true });
  fail({});
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
  const { clientId, clientSecret } = customer;
  const http = proxiedHttpClient(undefined);
  const simulated = new SimulatedMachine(file(''), http);
  const {
    clientTime: _time,
    serverVersion: _none,
    database: _noDatabase,
    ...described
  } = machine({ instance: '', name: '' });
  client = testClient({
    serviceUrl: service.url,
    folder: path.join(folder, 'state'),
    http,
    credentials: { clientId, clientSecret },
    machine: () => ({
      ...described,
      hostName: 'REC08',
      clientVersion: OLDER_CLIENT,
      ...simulated.versions,
    }),
    executeOnMachine: (command, report) => simulated.execute(command, report),
    configuration: simulated.settings,
    readState: () => ({ ...IDLE_MACHINE, ...simulated.health }),
  });
  server = `/api/v1/servers/${await client.start()}`;
}, 120_000);

afterAll(async () => {
  await client?.stop().catch(() => undefined);
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a task for the server; the client fetches the command after its next heartbeat. Returns the ended task. */
async function taskOf(request: string, body?: object): Promise<Task> {
  const { administrator } = customer;
  const reply = await administrator('POST', `${server}/${request}`, body ? { body } : {});
  if (reply.status !== 202) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  const url = reply.headers.get('operation-location') ?? '';
  return eventually(`the task of ${request} has ended`, async () => {
    await client.heartbeat();
    const { body: task } = await administrator<Task>('GET', url);
    return ['Succeeded', 'Failed'].includes(task.state) ? task : undefined;
  });
}

const shown = async () =>
  (
    await customer.administrator<{
      status: string;
      serverVersion?: string;
      clientVersion: string;
      siteId?: string;
    }>('GET', server)
  ).body;

const DATABASES = {
  type: 'onPremises',
  instance: 'sql-08\\recording',
  recordingDatabase: 'Recording',
  loggingDatabase: 'Logging',
  userName: 'sa',
  password: PASSWORD,
};
const INSTALLATION = { serverVersion: SERVER_VERSION, databases: DATABASES, newSite: { name: 'Lyon' } };

it('INS-1, INS-2: the machine is ready, and says whether it can be installed and reaches its database', async () => {
  expect(await shown()).toMatchObject({ status: 'readyToInstall', clientVersion: OLDER_CLIENT });
  fail({ 'check.domain': 'The machine belongs to no domain.', testConnection: 'Login failed for user sa.' });
  const checks = await taskOf('installation/checks', { serverVersion: SERVER_VERSION });
  expect(JSON.stringify(checks)).toContain('The machine belongs to no domain.');
  const { userName, password, type, instance, recordingDatabase, loggingDatabase } = DATABASES;
  const databases = { type, instance, recordingDatabase, loggingDatabase, userName, password };
  expect(await taskOf('installation/connectionTest', { databases })).toMatchObject({
    state: 'Failed',
    error: expect.stringContaining('Login failed for user sa.') as string,
  });
  fail({});
  expect(await taskOf('installation/connectionTest', { databases })).toMatchObject({ state: 'Succeeded' });
});

it('INS-3: a failed installation says why, and is repeated from its saved answers; then the server is available', async () => {
  fail({ 'install.download': 'The network is down.' });
  expect(await taskOf('installation', INSTALLATION)).toMatchObject({
    state: 'Failed',
    error: expect.stringContaining('The network is down.') as string,
  });
  expect((await shown()).status).toBe('installationFailed');
  const { body: saved } = await customer.administrator<{ answers: { databases: object } }>(
    'GET',
    `${server}/installation`,
  );
  expect(saved.answers).toMatchObject({
    serverVersion: SERVER_VERSION,
    databases: { instance: 'sql-08\\recording' },
  });
  expect(JSON.stringify(saved)).not.toContain('a\\"b');

  fail({});
  const again = { ...saved.answers, databases: { ...saved.answers.databases, password: PASSWORD } };
  expect(await taskOf('installation', again)).toMatchObject({ state: 'Succeeded' });
  await client.heartbeat();
  expect(await shown()).toMatchObject({ status: 'available', serverVersion: SERVER_VERSION });
  const { siteId = '' } = await shown();
  const { body: site } = await customer.administrator<{ name: string }>('GET', `/api/v1/sites/${siteId}`);
  expect(site.name).toBe('Lyon');
  expect(JSON.parse(readFileSync(file('versions.json'), 'utf8'))).toMatchObject({
    serverVersion: SERVER_VERSION,
  });
});

it('UPG-1: the cloud client is upgraded at once; a failure leaves the server available with the reason', async () => {
  fail({ 'upgrade.install': 'A file is in use.' });
  expect(await taskOf('upgrade')).toMatchObject({
    state: 'Failed',
    error: expect.stringContaining('A file is in use.') as string,
  });
  await client.heartbeat();
  expect(await shown()).toMatchObject({ status: 'available', clientVersion: OLDER_CLIENT });
  fail({});
  expect(await taskOf('upgrade')).toMatchObject({ state: 'Succeeded' });
  expect(await shown()).toMatchObject({ status: 'available', clientVersion: CLIENT_VERSION });
  const again = await customer.administrator('POST', `${server}/upgrade`);
  expect(again.status).toBe(409);
});
