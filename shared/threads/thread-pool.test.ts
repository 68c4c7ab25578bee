import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { ThreadPool } from './thread-pool';

const folder = mkdtempSync(path.join(tmpdir(), 'threads-'));
const file = path.join(folder, 'test-thread.js');
const options = { file, maxThreads: 2, maxWaiting: 8, maxWaitingPerCustomer: 4, heapMegabytes: 64 };

let pool: ThreadPool;

beforeAll(async () => {
  const entry = path.join(__dirname, 'testing/test-thread.ts');
  await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'cjs', outfile: file });
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  pool = new ThreadPool(options);
});
afterEach(() => pool.close());

const run = (input: object, customerId = 'a', deadlineSeconds = 20) =>
  pool.run({ customerId, input, deadlineSeconds });

it('POL-7: answers a task with its result, and the main thread does other work meanwhile', async () => {
  await run({});
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  expect(await run({ echo: { text: 'é' }, blockMs: 200 })).toEqual({ text: 'é' });
  clearInterval(counting);
  expect(turns).toBeGreaterThan(20);
});

it('passes on log lines and errors', async () => {
  const lines: string[] = [];
  const input = { log: 'a line', fail: 'it failed' };
  const failing = pool.run({
    customerId: 'a',
    input,
    deadlineSeconds: 20,
    onLog: (line) => lines.push(line),
  });
  await expect(failing).rejects.toThrow('it failed');
  expect(lines).toEqual(['a line']);
});

it('POL-7: a customer who waits for much lets another one pass', async () => {
  const order: string[] = [];
  const note = async (name: string, customer: string, blockMs: number) => {
    await run({ blockMs }, customer);
    order.push(name);
  };
  await Promise.all([
    ...[1, 2, 3].map((number) => note(`a${number}`, 'a', 150)),
    ...[1].map((number) => note(`b${number}`, 'b', 1)),
  ]);
  expect(order.indexOf('b1')).toBeLessThan(order.indexOf('a2'));
});

it('OPS-2: refuses with 429 and Retry-After what one customer has too much', async () => {
  const tasks = Array.from({ length: 8 }, () => run({ blockMs: 20 }));
  const refused = (await Promise.allSettled(tasks)).filter(({ status }) => status === 'rejected');
  expect(refused.length).toBe(3);
  await expect(Promise.all([...tasks])).rejects.toMatchObject({ status: 429, retryAfterSeconds: 5 });
});

it('OPS-2: ends a task at its deadline with 503, and works on', async () => {
  const endless = run({ blockMs: 60_000 }, 'a', 1);
  await expect(endless).rejects.toMatchObject({ status: 503, retryAfterSeconds: 5 });
  expect(await run({ echo: 1 })).toBe(1);
});

it('OPS-2: a task that needs too much memory ends alone, with 503', async () => {
  const [filling, other] = await Promise.allSettled([run({ fillHeap: true }), run({ echo: 1 }, 'b')]);
  expect(filling).toMatchObject({ status: 'rejected', reason: { status: 503 } });
  expect(other).toEqual({ status: 'fulfilled', value: 1 });
  expect(await run({ echo: 2 })).toBe(2);
});

it('a task that runs at its deadline gets its grace, one that waits does not', async () => {
  const spec = { customerId: 'a', deadlineSeconds: 0.3, graceSeconds: 5 };
  const [running, waiting] = await Promise.allSettled([
    pool.run({ ...spec, input: { blockMs: 600 } }),
    pool.run({ ...spec, input: { echo: 1 } }),
  ]);
  expect(running.status).toBe('fulfilled');
  expect(waiting).toMatchObject({ status: 'rejected', reason: { status: 503 } });
});

it('a task that waits past its deadline is refused', async () => {
  const [first, second] = await Promise.allSettled([run({ blockMs: 1_500 }), run({ echo: 1 }, 'a', 0.5)]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { status: 503 } });
});

it('is not available where the code runs from source', () => {
  expect(new ThreadPool({ ...options, file: 'nothing.js' }).isAvailable).toBe(false);
  expect(pool.isAvailable).toBe(true);
});
