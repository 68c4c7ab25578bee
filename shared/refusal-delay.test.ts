/** Refusals that are sent later. */
import { RefusalDelay } from './refusal-delay';

const DELAY_MS = 40;

/** How many of them have ended. */
function count(waits: Promise<void>[]): () => number {
  let ended = 0;
  for (const wait of waits) void wait.then(() => ended++);
  return () => ended;
}

it('CCL-6: delays a hundred refusals at a time and sends the others at once', async () => {
  const delay = new RefusalDelay(DELAY_MS);
  const startedAt = performance.now();
  const waits = Array.from({ length: 130 }, () => delay.wait());
  const ended = count(waits);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended()).toBe(30);
  await Promise.all(waits);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(DELAY_MS - 1);
});

it('has places again after that', async () => {
  const delay = new RefusalDelay(DELAY_MS);
  await Promise.all(Array.from({ length: 100 }, () => delay.wait()));
  const ended = count([delay.wait()]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended()).toBe(0);
});

it('delays nothing where 0 is configured', async () => {
  const ended = count([new RefusalDelay(0).wait()]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended()).toBe(1);
});
