import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { lineLog } from '../telemetry/telemetry';
import { overdueSweeps } from './overdue-sweeps';
import { runSweep } from './run-sweep';

const MINUTES = { name: 'everyMinute', periodSeconds: 60 };
const HOURS = { name: 'everyHour', periodSeconds: 3_600 };

let test: TestServices;
beforeEach(async () => {
  test = await startTestServices();
});
afterEach(() => test.close());

const run = (sweep: typeof MINUTES) =>
  runSweep(
    test.services,
    lineLog(() => undefined),
    sweep,
    async () => undefined,
  );
const overdue = (upSeconds = 86_400) => overdueSweeps(test.services, [MINUTES, HOURS], upSeconds);

it('OPS-3: finds the sweep whose last run is five minutes later than its period', async () => {
  await run(MINUTES);
  await run(HOURS);
  const lastRunAt = test.clock.now().toISOString();
  test.clock.advanceSeconds(360);
  expect(await overdue()).toEqual([]);
  test.clock.advanceSeconds(1);
  expect(await overdue()).toEqual([{ name: 'everyMinute', lastRunAt }]);
  test.clock.advanceSeconds(3_600);
  expect((await overdue()).map(({ name }) => name)).toEqual(['everyMinute', 'everyHour']);
});

it('OPS-3: finds a sweep that has never run', async () => {
  await run(HOURS);
  expect(await overdue()).toEqual([{ name: 'everyMinute' }]);
});

it('OPS-3: finds none before the process has run for that long, as after an outage of the whole service', async () => {
  expect(await overdue(359)).toEqual([]);
  expect((await overdue(361)).map(({ name }) => name)).toEqual(['everyMinute']);
});

it('OPS-3: a run that fails does not count', async () => {
  await run(HOURS);
  const failing = runSweep(
    test.services,
    lineLog(() => undefined),
    MINUTES,
    () => Promise.reject(new Error('x')),
  );
  await expect(failing).rejects.toThrow('x');
  expect((await overdue()).map(({ name }) => name)).toEqual(['everyMinute']);
});
