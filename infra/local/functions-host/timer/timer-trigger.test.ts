import { openHostDatabase } from '../database';
import { createHostLog } from '../host-log';
import { Invoker } from '../invoker';
import { Membership } from '../membership';
import { temporaryFolder } from '../testing/processes';
import { type FunctionMetadata, type RpcInvocationRequest } from '../worker/rpc';
import { ScheduleStore } from './schedule-store';
import { TimerTrigger } from './timer-trigger';

const HOUR_MS = 3_600_000;
const { folder, remove } = temporaryFolder();
const database = openHostDatabase(folder);
const silent = createHostLog('none', () => undefined);

/** The timer part of a host process on the shared storage. */
class Host {
  readonly runs: { isPastDue: boolean; next: string | undefined }[] = [];
  private readonly trigger: TimerTrigger;

  constructor(name: string, schedule: string, more: Record<string, unknown> = {}) {
    const trigger = { type: 'timerTrigger', direction: 'in' as const, schedule, ...more };
    const target: FunctionMetadata = { name, bindings: { trigger } };
    const invoke = async (_name: string, request: RpcInvocationRequest) => {
      this.record(request);
      return { status: 'success' as const, outputData: [] };
    };
    const invoker = new Invoker({ invoke }, { inputs: {}, outputs: {} }, silent);
    const [schedules, membership] = [new ScheduleStore(database), new Membership(database)];
    this.trigger = new TimerTrigger(target, { schedules, membership, invoker, log: silent });
    this.trigger.start();
  }

  /** Ends it as a drain does: the listener is given up. */
  end(): void {
    this.trigger.stop();
  }

  private record({ inputData }: RpcInvocationRequest): void {
    const info = JSON.parse(inputData[0]?.data.json ?? '{}') as {
      IsPastDue: boolean;
      ScheduleStatus: { Next: string } | null;
    };
    this.runs.push({ isPastDue: info.IsPastDue, next: info.ScheduleStatus?.Next });
  }
}

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-03-01T10:30:00Z') });
});
afterEach(() => {
  jest.useRealTimers();
  database.exec('DELETE FROM timers; DELETE FROM leases');
});
afterAll(() => {
  database.close();
  remove();
});

describe('a timer', () => {
  it('runs on its schedule, telling when the occurrence was due', async () => {
    const host = new Host('hourly', '0 0 * * * *');
    await jest.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(host.runs).toEqual([
      { isPastDue: false, next: '2026-03-01T11:00:00.000Z' },
      { isPastDue: false, next: '2026-03-01T12:00:00.000Z' },
    ]);
    host.end();
  });

  it('waits longer than setTimeout can', async () => {
    const host = new Host('yearly', '0 0 0 1 5 *');
    await jest.advanceTimersByTimeAsync(60 * 24 * HOUR_MS);
    expect(host.runs).toEqual([]);
    await jest.advanceTimersByTimeAsync(24 * HOUR_MS);
    expect(host.runs).toHaveLength(1);
    host.end();
  });

  it('runs once at start, past due, however many occurrences were missed while no host ran', async () => {
    new Host('hourly', '0 0 * * * *').end();
    jest.setSystemTime(Date.parse('2026-03-01T15:30:00Z'));
    const host = new Host('hourly', '0 0 * * * *');
    await jest.advanceTimersByTimeAsync(HOUR_MS);
    expect(host.runs).toEqual([
      { isPastDue: true, next: '2026-03-01T11:00:00.000Z' },
      { isPastDue: false, next: '2026-03-01T16:00:00.000Z' },
    ]);
    host.end();
  });

  it('is not past due because its schedule was changed', async () => {
    new Host('changed', '0 0 * * * *').end();
    jest.setSystemTime(Date.parse('2026-03-01T15:30:00Z'));
    const host = new Host('changed', '0 45 * * * *');
    await jest.advanceTimersByTimeAsync(HOUR_MS);
    expect(host.runs).toEqual([{ isPastDue: false, next: '2026-03-01T15:45:00.000Z' }]);
    host.end();
  });

  it('has no status, and makes up for nothing, when it occurs more than once a minute', async () => {
    new Host('often', '*/20 * * * * *').end();
    jest.setSystemTime(Date.parse('2026-03-01T15:30:05Z'));
    const host = new Host('often', '*/20 * * * * *');
    await jest.advanceTimersByTimeAsync(20_000);
    expect(host.runs).toEqual([{ isPastDue: false, next: undefined }]);
    host.end();
  });
});

describe('a timer of two hosts on one storage', () => {
  it('runs each occurrence once, also that of the start', async () => {
    const hosts = [1, 2].map(() => new Host('shared', '0 0 * * * *', { runOnStartup: true }));
    await jest.advanceTimersByTimeAsync(5 * HOUR_MS);
    expect(hosts.map(({ runs }) => runs.length)).toEqual([6, 0]);
    for (const host of hosts) host.end();
  });

  it('runs each occurrence once when nothing about it is stored', async () => {
    const hosts = [1, 2].map(() => new Host('often', '*/20 * * * * *'));
    await jest.advanceTimersByTimeAsync(60_000);
    expect(hosts.map(({ runs }) => runs.length)).toEqual([3, 0]);
    for (const host of hosts) host.end();
  });

  it('is taken over by the other when the one that listens ends', async () => {
    const first = new Host('moved', '0 0 * * * *');
    const second = new Host('moved', '0 0 * * * *');
    await jest.advanceTimersByTimeAsync(HOUR_MS);
    first.end();
    await jest.advanceTimersByTimeAsync(HOUR_MS);
    expect([first.runs.length, second.runs.length]).toEqual([1, 1]);
    second.end();
  });

  it('is given up by a host that was silent for so long that another has taken it over', async () => {
    const first = new Host('silent', '0 0 * * * *');
    const second = new Host('silent', '0 0 * * * *');
    database.exec('UPDATE leases SET owner = NULL');
    await jest.advanceTimersByTimeAsync(2000);
    await jest.advanceTimersByTimeAsync(HOUR_MS);
    expect([first.runs.length, second.runs.length]).toEqual([0, 1]);
    first.end();
    second.end();
  });
});
