/**
 * An administrator examines, repairs and configures a recording server: requests over HTTP, and the reference client
 * on a simulated machine at the other end.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import type { CloudClient } from '../../scripts/cloud-client/cloud-client';
import { proxiedHttpClient } from '../../scripts/cloud-client/http-client';
import { IDLE_MACHINE } from '../../scripts/cloud-client/machine';
import { SimulatedMachine } from '../../scripts/cloud-client/simulated-machine/simulated-machine';
import { testClient } from '../../scripts/cloud-client/testing/test-client';
import { createTestCustomer, machine, type TestCustomer } from '../support/customer-requests';
import { eventually, startService, type TestService } from '../support/service';

jest.setTimeout(30_000);

const KEY = 'SOFTWARE\\Citrix\\SessionRecording';
const THUMBPRINT = '9F2B0C6D4A1E8B7C5D3F2A1B0C9D8E7F6A5B4C3D';

interface Task {
  state: string;
  error?: string;
  result?: Record<string, unknown>;
}
interface Settings {
  rollover: object;
  application: { state: string; version: number; reason?: string };
}

let service: TestService;
let customer: TestCustomer;
let folder: string;
let client: CloudClient;
let server: string;

const file = (name: string) => path.join(folder, 'machine', name);
const writeJson = (name: string, content: unknown) => {
  writeFileSync(file(name), JSON.stringify(content));
};
const readJson = (name: string): unknown => JSON.parse(readFileSync(file(name), 'utf8'));
const fail = (failures: Record<string, string>) => {
  writeJson('scenario.json', { failures });
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'server-commands-'));
  mkdirSync(file('logs'), { recursive: true });
  const certificate = { thumbprint: THUMBPRINT, subject: 'CN=REC07', validUntil: '2036-01-01T00:00:00Z' };
  writeJson('certificates.json', [certificate]);
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
  const { clientId, clientSecret } = customer;
  const http = proxiedHttpClient(undefined);
  const simulated = new SimulatedMachine(file(''), http);
  const { clientTime: _time, ...described } = machine({ instance: 'sql-07', name: 'recordings' });
  client = testClient({
    serviceUrl: service.url,
    folder: path.join(folder, 'state'),
    http,
    credentials: { clientId, clientSecret },
    machine: () => ({ ...described, hostName: 'REC07', ...simulated.versions }),
    executeOnMachine: (command, report) => simulated.execute(command, report),
    configuration: simulated.settings,
    readState: () => ({ ...IDLE_MACHINE, ...simulated.health }),
    performance: { seconds: 0.1, samplesInBatch: 5 },
  });
  server = `/api/v1/servers/${await client.start()}`;
}, 120_000);

afterAll(async () => {
  await client?.stop().catch(() => undefined);
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  fail({});
});

/** Starts a task for the server; the client fetches the command after its next heartbeat. Returns the ended task. */
async function taskOf(request: string, body?: object): Promise<Task> {
  const { administrator } = customer;
  const reply = await administrator('POST', `${server}/${request}`, body ? { body } : {});
  expect(reply.status).toBe(202);
  await client.heartbeat();
  const url = reply.headers.get('operation-location') ?? '';
  return eventually(`the task of ${request} has ended`, async () => {
    const { body: task } = await administrator<Task>('GET', url);
    return ['Succeeded', 'Failed'].includes(task.state) ? task : undefined;
  });
}

const get = async <T>(what: string) => customer.administrator<T>('GET', `${server}/${what}`);

async function changeSettings(body: object) {
  const headers = { 'if-match': (await get('settings')).headers.get('etag') ?? '' };
  const reply = await customer.administrator<Settings>('PATCH', `${server}/settings`, { body, headers });
  expect([reply.status, reply.body.application.state]).toEqual([200, 'pending']);
  await client.heartbeat();
  return (await get<Settings>('settings')).body;
}

it('TRB-1: services are refreshed and restarted; one that does not start again fails the task with its reason', async () => {
  fail({ 'service.IIS': 'it has crashed' });
  expect(await taskOf('services/refresh')).toMatchObject({ state: 'Succeeded' });
  const states = async () => (await get<{ value: { name: string; state: string }[] }>('services')).body.value;
  expect(await states()).toContainEqual(
    expect.objectContaining({ name: 'IIS', state: 'stopped', reason: 'it has crashed' }),
  );
  fail({ 'restartService.IIS': 'Access is denied.' });
  expect(await taskOf('services/IIS/restart')).toMatchObject({
    state: 'Failed',
    error: expect.stringContaining('Access is denied.') as string,
  });
  fail({});
  expect(await taskOf('services/IIS/restart')).toMatchObject({ state: 'Succeeded' });
  expect(await states()).toContainEqual(expect.objectContaining({ name: 'IIS', state: 'running' }));
});

it('TRB-2: a registry value is created, changed and read: the answers have the old and the new value', async () => {
  const name = 'BlockSizeMultiple';
  const write = (data: number) =>
    taskOf('registry/write', { key: KEY, name, value: { type: 'REG_DWORD', data } });
  expect(await write(4)).toMatchObject({ state: 'Succeeded', result: { old: null, new: { data: 4 } } });
  expect(await write(8)).toMatchObject({
    state: 'Succeeded',
    result: { key: KEY, name, old: { type: 'REG_DWORD', data: 4 }, new: { type: 'REG_DWORD', data: 8 } },
  });
  // Changed on the machine itself meanwhile.
  writeJson('registry.json', { [`${KEY}\\blocksizemultiple`]: { type: 'REG_DWORD', data: 16 } });
  expect(await taskOf('registry/read')).toMatchObject({ state: 'Succeeded' });
  const { body } = await get<{ value: object[] }>('registry');
  expect(body.value).toContainEqual(
    expect.objectContaining({ key: KEY, name, found: { type: 'REG_DWORD', data: 16 } }),
  );
});

it('CCL-4: diagnostics name what does not pass, with cause and remedy', async () => {
  fail({ 'check.cloudConnection': 'The firewall blocks outbound port 443.' });
  const task = await taskOf('diagnostics');
  expect(task.state).toBe('Succeeded');
  expect((task.result as { checks: object[] }).checks).toContainEqual(
    expect.objectContaining({
      id: 'cloudConnection',
      result: 'failed',
      cause: 'The firewall blocks outbound port 443.',
      remedy: expect.any(String) as string,
    }),
  );
});

it('TRB-3: logs are uploaded, and what is downloaded is what the machine has', async () => {
  const text = `${new Date().toISOString()} started\n`.repeat(500);
  writeFileSync(file('logs/IIS.log'), text);
  expect(await taskOf('logUploads', { services: ['IIS', 'CitrixSsRecStorageManager'] })).toMatchObject({
    state: 'Succeeded',
  });
  const { body: list } = await get<{ value: { id: string }[] }>('logUploads');
  const { body: upload } = await get<{ state: string; sha256: string; download?: { url: string } }>(
    `logUploads/${list.value[0]?.id ?? ''}`,
  );
  expect(upload.state).toBe('complete');
  const content = Buffer.from(await (await fetch(upload.download?.url ?? '')).arrayBuffer());
  expect(createHash('sha256').update(content).digest('hex')).toBe(upload.sha256);
  const files = unzipSync(content);
  expect(Object.keys(files)).toEqual(['IIS.log', 'CitrixSsRecStorageManager.log']);
  expect(strFromU8(files['IIS.log'] ?? new Uint8Array())).toBe(text);
});

it('SET-2: changed settings are applied on the machine; a failure is shown with its reason, and a local change is taken over', async () => {
  const rollover = { maximumMegabytes: 100, maximumHours: 6 };
  const applied = await changeSettings({ rollover, signingCertificate: THUMBPRINT });
  expect(applied).toMatchObject({ rollover, application: { state: 'applied' } });
  expect(readJson('settings.json')).toMatchObject({ rollover, signingCertificate: THUMBPRINT });

  fail({ 'configuration.settings': 'The disk is full.' });
  expect(await changeSettings({ rollover: { maximumHours: 8 } })).toMatchObject({
    application: { state: 'failed', reason: 'The disk is full.' },
  });
  fail({});
  const again = await changeSettings({ rollover: { maximumHours: 9 } });
  expect(again).toMatchObject({ rollover: { maximumHours: 9 }, application: { state: 'applied' } });

  const local = { ...(readJson('settings.json') as object), rollover: { ...rollover, maximumHours: 3 } };
  writeJson('settings.json', local);
  await client.heartbeat();
  const { body: adopted } = await get<Settings>('settings');
  expect(adopted).toMatchObject({
    rollover: { ...rollover, maximumHours: 3 },
    application: { state: 'applied', version: again.application.version + 1 },
  });
});
