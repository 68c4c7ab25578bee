import { ProcessSupervisor, type Supervised } from './process-supervisor';

const lines: string[] = [];
let exits: (() => void)[];
let failure: Error | undefined;

/** Starts at once, or fails with `failure`; ends when a test says so. */
const fake: Supervised = {
  spec: { name: 'azurite' },
  logFile: 'azurite.log',
  start: async (onExit) => {
    if (failure) throw failure;
    if (onExit) exits.push(onExit);
  },
  adoptOrStart: (onExit) => fake.start(onExit),
  stop: async () => undefined,
  kill: async () => undefined,
};

const end = (): void => exits.at(-1)?.();

beforeEach(() => {
  jest.useFakeTimers();
  lines.length = 0;
  exits = [];
  failure = undefined;
});
afterEach(() => jest.useRealTimers());

it('LOC-1: restarts what keeps crashing after at most five seconds, and says so each time', async () => {
  const supervisor = new ProcessSupervisor(fake, true, (line) => lines.push(line));
  await supervisor.adoptOrStart();
  const delays: number[] = [];
  for (let crash = 0; crash < 7; crash += 1) {
    end();
    delays.push(Number(/in (\d+) ms/.exec(lines.at(-1) ?? '')?.[1]));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(lines.at(-1)).toBe('azurite runs again.');
  }
  expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
});

it('LOC-1: tries again when it cannot be started, as while its port is taken', async () => {
  const supervisor = new ProcessSupervisor(fake, true, (line) => lines.push(line));
  await supervisor.start();
  failure = new Error('Port 7081, where azurite should listen, is in use.');
  end();
  await jest.advanceTimersByTimeAsync(250);
  expect(lines.slice(1)).toEqual([failure.message, expect.stringContaining('in 500 ms')]);
  failure = undefined;
  await jest.advanceTimersByTimeAsync(500);
  expect(lines.at(-1)).toBe('azurite runs again.');
});

it('LOC-1: starts again quickly after it has run for a minute', async () => {
  const supervisor = new ProcessSupervisor(fake, true, (line) => lines.push(line));
  await supervisor.start();
  end();
  await jest.advanceTimersByTimeAsync(61_000);
  end();
  expect(lines.at(-1)).toContain('in 250 ms');
});

it.each(['stop', 'kill'] as const)('LOC-1: leaves it down after %s', async (how) => {
  const supervisor = new ProcessSupervisor(fake, true, (line) => lines.push(line));
  await supervisor.start();
  await supervisor[how]();
  end();
  await jest.advanceTimersByTimeAsync(10_000);
  expect(lines).toEqual([]);
});
