/** SRV-3 while the service itself was away: what servers could not say is not held against them. */
import { IDLE_STATE } from '../../tests/support/idle-state';
import { runSweep } from '../../shared/sweeps/run-sweep';
import type { Log } from '../../shared/telemetry/telemetry';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { markServersOffline } from './mark-servers-offline';
import { findServer } from './store';

let test: RecordingServerTest;
let warnings: string[];
let alive: string;
let dead: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  warnings = [];
});

afterEach(() => test.close());

const log: Log = {
  info: () => undefined,
  warn: (message) => warnings.push(message),
  error: (_message, error) => {
    throw error;
  },
};

const sweep = () =>
  runSweep(test.services, log, { name: 'markServersOffline', periodSeconds: 60 }, (run) =>
    markServersOffline(test.services, log, run),
  );

const STATE = {
  ...IDLE_STATE,
};

const beat = (serverId: string) =>
  test.send('sendHeartbeat', { params: { serverId }, body: { ...STATE, clientTime: test.time() } });

/** The service runs for so many minutes, and the servers that are alive are heard of. */
async function runMinutes(minutes: number, ...servers: string[]): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    test.clock.advanceSeconds(60);
    for (const server of servers) await beat(server);
    await sweep();
  }
}

const statuses = async () =>
  (await Promise.all([alive, dead].map((id) => findServer(test.services, test.customerId, id)))).map(
    (server) => server?.status,
  );

async function twoServersAreAvailable(): Promise<void> {
  alive = await test.register({ machineId: 'alive' });
  dead = await test.register({ machineId: 'dead' });
  await runMinutes(10, alive, dead);
  expect(await statuses()).toEqual(['available', 'available']);
}

it('SRV-3: marks the server that is silent after three minutes while the service runs', async () => {
  await twoServersAreAvailable();
  await runMinutes(2, alive);
  expect(await statuses()).toEqual(['available', 'available']);
  await runMinutes(1, alive);
  expect(await statuses()).toEqual(['available', 'offline']);
  expect(warnings).toEqual([]);
});

it('SRV-3: waits a whole period after a night off before it marks any server', async () => {
  await twoServersAreAvailable();
  test.clock.advanceSeconds(8 * 3_600);
  await sweep();
  expect(await statuses()).toEqual(['available', 'available']);
  expect(warnings).toEqual(['service.was-away']);
  await runMinutes(2, alive);
  expect(await statuses()).toEqual(['available', 'available']);
  await runMinutes(1, alive);
  expect(await statuses()).toEqual(['available', 'offline']);
  expect(warnings).toHaveLength(1);
});

it('SRV-3: starts to wait anew when the service goes away again while it waits', async () => {
  await twoServersAreAvailable();
  test.clock.advanceSeconds(600);
  await sweep();
  await runMinutes(2);
  test.clock.advanceSeconds(600);
  await sweep();
  await runMinutes(2);
  expect(await statuses()).toEqual(['available', 'available']);
  await runMinutes(1);
  expect(await statuses()).toEqual(['offline', 'offline']);
});

it('SRV-3: waits a whole period when it has never swept before, whatever the store holds', async () => {
  alive = await test.register({ machineId: 'alive' });
  dead = await test.register({ machineId: 'dead' });
  await beat(alive);
  await beat(dead);
  test.clock.advanceSeconds(12 * 3_600);
  await sweep();
  await runMinutes(2, alive);
  expect(await statuses()).toEqual(['available', 'available']);
  await runMinutes(1, alive);
  expect(await statuses()).toEqual(['available', 'offline']);
});

it('SRV-3: takes a restart of two minutes for no outage', async () => {
  await twoServersAreAvailable();
  await runMinutes(2, alive);
  test.clock.advanceSeconds(120);
  await beat(alive);
  await sweep();
  expect(await statuses()).toEqual(['available', 'offline']);
});

it('takes runs that fail for an outage: the database was out of reach', async () => {
  await twoServersAreAvailable();
  test.injectFault(() => Promise.reject(new Error('the database is down')));
  for (let minute = 0; minute < 5; minute++) {
    test.clock.advanceSeconds(60);
    await expect(sweep()).rejects.toThrow();
  }
  test.injectFault(undefined);
  await runMinutes(3, alive);
  expect(await statuses()).toEqual(['available', 'available']);
  await runMinutes(1, alive);
  expect(await statuses()).toEqual(['available', 'offline']);
});

it('a sweep that runs every hour reports an outage only when an hour is missed', async () => {
  const hourly = { name: 'hourly', periodSeconds: 3_600 };
  const run = () => runSweep(test.services, log, hourly, async () => undefined);
  for (let hour = 0; hour < 3; hour += 1) {
    await run();
    test.clock.advanceSeconds(3_600);
  }
  expect(warnings).toEqual([]);
  test.clock.advanceSeconds(3_600);
  await run();
  expect(warnings).toEqual(['service.was-away']);
});
