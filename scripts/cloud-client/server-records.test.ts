/** What the reference client delivers of its machine: performance samples, and changes made on it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudClient, CloudClientOptions } from './cloud-client';
import { IDLE_MACHINE } from './machine';
import { MachineFiles } from './simulated-machine/machine-files';
import { MachineSettings } from './simulated-machine/machine-settings';
import { Scenario } from './simulated-machine/scenario';
import { FakeService } from './testing/fake-service';
import { startSession, testClient } from './testing/test-client';

let folder: string;
let service: FakeService;
let client: CloudClient;
let machine: MachineSettings;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'server-records-'));
  service = await FakeService.start();
  machine = new MachineSettings(new MachineFiles(folder), new Scenario(path.join(folder, 'scenario.json')));
});
afterEach(async () => {
  await client.stop().catch(() => undefined);
  service.stop();
  rmSync(folder, { recursive: true });
});

const newClient = (more: Partial<CloudClientOptions> = {}) =>
  (client = testClient({ serviceUrl: service.url, folder, configuration: machine, ...more }));

async function received(asked: string, count = 1) {
  const found = () => service.requests.filter((request) => request.path.endsWith(asked));
  for (const deadline = Date.now() + 5_000; found().length < count && Date.now() < deadline;) await sleep(10);
  return found().map(({ body }) => body);
}

it('CCL-3: the report names the version of the settings and whether they were applied, with those of the machine', async () => {
  let settings: object = { version: 1, ceip: true };
  let etag = '"1"';
  service.answer = ({ path: asked }) => {
    if (asked.endsWith('/heartbeat')) return [200, { configurationEtag: etag, commandsWaiting: false }];
    if (asked.endsWith('/configuration'))
      return [200, { server: { heartbeatSeconds: 60 }, settings }, { etag }];
    return undefined;
  };
  await newClient().start();
  writeFileSync(
    path.join(folder, 'scenario.json'),
    JSON.stringify({ failures: { 'configuration.settings': 'no space left' } }),
  );
  [settings, etag] = [{ version: 2, ceip: false }, '"2"'];
  await client.heartbeat();
  const [first, second] = (await received('/report', 2)) as { sections: object[]; settings: object }[];
  expect(first?.sections).toContainEqual({ name: 'settings', state: 'applied', version: 1 });
  expect(first?.settings).toEqual({ ceip: true });
  expect(second?.sections).toContainEqual({
    name: 'settings',
    state: 'failed',
    version: 2,
    reason: 'no space left',
  });
  expect(second?.settings).toEqual({ ceip: true });
});

it('CCL-5: a change of the settings file is delivered to the log, also when the service was away, and reported', async () => {
  machine.applySection('settings', { version: 3, ceip: true });
  const change = () => {
    writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ ceip: false }));
  };
  await newClient({ wait: () => sleep(5) }).start();
  change();
  let refusals = 2;
  service.answer = ({ path: asked }) =>
    asked.endsWith('/logs') && refusals-- > 0 ? [503, { code: 'busy' }] : undefined;
  await client.heartbeat();
  const [log] = (await received('/logs')) as { records: object[] }[];
  expect(log?.records).toMatchObject([{ action: 'server.changeSettings.ceip', old: 'true', new: 'false' }]);
  const reports = await received('/report');
  expect(reports.at(-1)).toMatchObject({ settings: { ceip: false } });
  await client.heartbeat();
  expect(await received('/logs')).toHaveLength(1);
});

it('CCL-3: settings that the service does not accept are said to the operator, and do not stop the client', async () => {
  writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ nonsense: 1 }));
  service.answer = ({ path: asked, body }) =>
    asked.endsWith('/report') && body['settings'] ? [400, { code: 'validation-failed' }] : undefined;
  const refused: string[] = [];
  await newClient({ onSettingsRefused: ({ code }) => refused.push(code) }).start();
  expect(refused).toEqual(['validation-failed']);
  expect(await received('/report')).toHaveLength(1);
});

it('CCL-5: samples of the server and of sessions whose policy asks for them arrive in batches', async () => {
  service.answer = ({ path: asked, body }) =>
    asked === '/sessions'
      ? [
          200,
          {
            sessionId: `session-of-${String(body['sessionKey'])}`,
            decision: { logPerformanceData: body['sessionKey'] === 'measured' },
          },
        ]
      : undefined;
  const readState = () => ({ ...IDLE_MACHINE, cpuPercent: 12.5, networkSendKbps: 80 });
  const performance = { seconds: 0.02, samplesInBatch: 3 };
  await newClient({ readState, performance }).start();
  for (const key of ['measured', 'other']) startSession(client, key);
  await client.delivered();
  const batches = (await received('/performance', 4)) as {
    batchId: string;
    sessionId?: string;
    samples: object[];
  }[];
  expect(new Set(batches.map(({ sessionId }) => sessionId))).toEqual(
    new Set([undefined, 'session-of-measured']),
  );
  expect(new Set(batches.map(({ batchId }) => batchId)).size).toBe(batches.length);
  expect(batches[0]?.samples).toHaveLength(3);
  expect(batches[0]?.samples[0]).toMatchObject({ cpuPercent: 12.5, networkSendBytes: 200 });
});

it('CCL-5: samples that are no whole batch at the end are delivered by the next start', async () => {
  let count = 0;
  const readState = () => ({ ...IDLE_MACHINE, cpuPercent: ++count });
  await newClient({ readState, performance: { seconds: 0.01 } }).start();
  while (count < 4) await sleep(5);
  await client.stop();
  expect(await received('/performance', 0)).toEqual([]);
  await newClient().start();
  const [batch] = (await received('/performance')) as { samples: object[] }[];
  expect(batch?.samples.length).toBeGreaterThanOrEqual(2);
});
