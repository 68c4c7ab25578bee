/** Schedules over a real database in memory: due once, claimed once, whatever runs at the same time or dies. */
import fc from 'fast-check';
import { activityFeed } from '../../tests/support/logs';
import { MemoryQueues } from '../../tests/support/memory-storage';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import type { Services } from '../services';
import { lineLog } from '../telemetry/telemetry';
import { type Recurrence } from './recurrence';
import {
  ensureSchedule,
  giveUpScheduledRun,
  runScheduled,
  type ScheduledRun,
  type ScheduleKind,
  startDueSchedules,
} from './run-schedules';
import { advance, claim, newSchedule, type Schedule, scheduleType } from './schedule';

const log = lineLog(() => undefined);
const daily: Recurrence = { every: 'day', at: '06:00', timeZone: 'UTC' };

let test: TestServices;
let queues: MemoryQueues;
let services: Services;
let runs: ScheduledRun[];
let failing: boolean;

/** The test's clock starts at noon of 15 January 2030. */
beforeEach(async () => {
  test = await startTestServices();
  queues = new MemoryQueues();
  services = { ...test.services, queues: queues.asQueues() };
  runs = [];
  failing = false;
  await ensureSchedule(services, CONTOSO, { id: 'report', kind: 'report', recurrence: daily });
});
afterEach(() => test.close());

const report: ScheduleKind = {
  name: 'report',
  run: async (_services, run) => {
    if (failing) throw new Error('the database is busy');
    runs.push(run);
  },
};
const work = async () => {
  for (const { message } of queues.sent.splice(0))
    await runScheduled([report])(services, message as never, log);
};
const schedule = async (): Promise<Schedule> => {
  const known = await services.database.control(CONTOSO).read(scheduleType, 'report');
  if (!known) throw new Error('there is no schedule');
  return known;
};
const HOURS = 3_600;
const runTimes = () => runs.map(({ runAt }) => runAt.toISOString());

it('starts a run when it is due, not before, and each one once', async () => {
  test.clock.advanceSeconds(18 * HOURS - 1);
  await startDueSchedules(services, log);
  expect(queues.sent).toEqual([]);
  test.clock.advanceSeconds(1);
  await startDueSchedules(services, log);
  await startDueSchedules(services, log);
  await work();
  expect(runTimes()).toEqual(['2030-01-16T06:00:00.000Z']);
  expect(await schedule()).toMatchObject({
    nextRunAt: '2030-01-17T06:00:00.000Z',
    finishedRunAt: '2030-01-16T06:00:00.000Z',
  });
});

it('is created once, and keeps its time when it is asked for again', async () => {
  const before = await schedule();
  test.clock.advanceSeconds(24 * HOURS);
  await ensureSchedule(services, CONTOSO, { id: 'report', kind: 'report', recurrence: daily });
  expect(await schedule()).toEqual(before);
});

it('catches up with one run after an outage, and goes on at its time', async () => {
  test.clock.advanceSeconds(5 * 24 * HOURS);
  for (let n = 0; n < 5; n++) await startDueSchedules(services, log);
  await work();
  expect(runTimes()).toEqual(['2030-01-16T06:00:00.000Z']);
  expect((await schedule()).nextRunAt).toBe('2030-01-21T06:00:00.000Z');
});

it('starts a run once when many sweeps find it at the same time', async () => {
  test.clock.advanceSeconds(18 * HOURS);
  await Promise.all(Array.from({ length: 6 }, () => startDueSchedules(services, log)));
  expect(queues.sent).toHaveLength(1);
});

describe('after a crash', () => {
  beforeEach(() => test.clock.advanceSeconds(18 * HOURS));

  it('between claim and message the run is started when the claim ends', async () => {
    queues.beforeSend = () => {
      throw new Error('the queue is down');
    };
    await startDueSchedules(services, log);
    queues.beforeSend = () => undefined;
    await startDueSchedules(services, log);
    expect(queues.sent).toEqual([]);
    test.clock.advanceSeconds(60);
    await startDueSchedules(services, log);
    await work();
    expect(runTimes()).toEqual(['2030-01-16T06:00:00.000Z']);
  });

  it('between message and next time the same run comes again, and is left out when it has finished', async () => {
    let writes = 0;
    test.injectFault((request, next) =>
      request.method === 'PUT' && ++writes > 1
        ? Promise.resolve({ status: 503, headers: {}, body: '{}' })
        : next(request),
    );
    await startDueSchedules(services, log);
    test.injectFault(undefined);
    await work();
    test.clock.advanceSeconds(60);
    await startDueSchedules(services, log);
    expect(queues.sent).toHaveLength(1);
    await work();
    expect(runTimes()).toEqual(['2030-01-16T06:00:00.000Z']);
  });

  it('of the work the message comes again, under the same run id', async () => {
    await startDueSchedules(services, log);
    const [sent] = queues.sent;
    const run = runScheduled([report]);
    failing = true;
    await expect(run(services, sent?.message as never, log)).rejects.toThrow('busy');
    failing = false;
    await Promise.all([
      run(services, sent?.message as never, log),
      run(services, sent?.message as never, log),
    ]);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
  });
});

it('shows in the feed, once, that a run failed in every attempt, and goes on', async () => {
  test.clock.advanceSeconds(18 * HOURS);
  await startDueSchedules(services, log);
  const [sent] = queues.sent;
  await giveUpScheduledRun(services, sent?.message as never, log);
  await giveUpScheduledRun(services, sent?.message as never, log);
  expect(await activityFeed(services)).toMatchObject([{ kind: 'schedule.failed', severity: 'warning' }]);
  expect(await schedule()).toMatchObject({
    failedRunAt: '2030-01-16T06:00:00.000Z',
    nextRunAt: '2030-01-17T06:00:00.000Z',
  });
});

it('goes on with other schedules when one cannot be started', async () => {
  const broken = { id: 'a', kind: 'report', recurrence: daily, nextRunAt: test.clock.now().toISOString() };
  const recurrence: Recurrence = { ...daily, timeZone: 'Mars/Olympus' };
  const dueAt = broken.nextRunAt;
  await services.database.control(CONTOSO).create(scheduleType, { ...broken, dueAt, recurrence });
  test.clock.advanceSeconds(18 * HOURS);
  await startDueSchedules(services, log);
  await work();
  expect(runTimes()).toContain('2030-01-16T06:00:00.000Z');
});

it('starts every run once in its order, however sweeps, crashes and delays fall', () => {
  const START = Date.parse('2030-01-15T12:00:00Z');
  const step = fc.record({
    seconds: fc.integer({ min: 0, max: 3 * 86_400 }),
    crashes: fc.constantFrom('claimed', 'sent', 'no'),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let now = START;
      let known = newSchedule({ id: 'a', kind: 'a', recurrence: daily }, new Date(now));
      const started: string[] = [];
      for (const { seconds, crashes } of steps) {
        now += seconds * 1000;
        const claimed = claim(known, new Date(now));
        if (!claimed) continue;
        known = claimed;
        if (crashes === 'claimed') continue;
        started.push(known.nextRunAt);
        if (crashes === 'sent') continue;
        known = advance(known, known.nextRunAt, new Date(now)) ?? known;
        expect(Date.parse(known.nextRunAt)).toBeGreaterThan(now);
      }
      expect(started).toEqual(started.toSorted());
      // A run is started again only where nobody could know that it was.
      const repeats = started.length - new Set(started).size;
      expect(repeats).toBeLessThanOrEqual(steps.filter(({ crashes }) => crashes === 'sent').length);
    }),
  );
});
