/** Bounded concurrency. */
import { ConcurrencyLimit, KeyedConcurrencyLimit } from './concurrency-limit';

it('runs as many as allowed, lets as many wait as allowed, and refuses the rest at once', async () => {
  const limit = new ConcurrencyLimit({ concurrent: 2, waiting: 3, retryAfterSeconds: 4 });
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const work = (n: number) =>
    limit.run(async () => {
      order.push(n);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      if (n === 1) throw new Error('one of them fails');
    });
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => work(n)));
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
    true,
    false,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(outcomes[7]).toMatchObject({ reason: { code: 'too-many-requests', retryAfterSeconds: 4 } });
  await expect(limit.run(() => Promise.resolve('free again'))).resolves.toBe('free again');
});

it('rests after its work for as long as was asked, while its caller goes on', async () => {
  const limit = new ConcurrencyLimit({ concurrent: 1, waiting: 2, retryAfterSeconds: 1, rest: 1 });
  const begun: number[] = [];
  const ended: number[] = [];
  const work = () =>
    limit
      .run(async () => {
        begun.push(performance.now());
        await new Promise((resolve) => setTimeout(resolve, 30));
      })
      .then(() => ended.push(performance.now()));
  await Promise.all([work(), work()]);
  const [first = 0, second = 0] = begun;
  const tookMs = (ended[0] ?? 0) - first;
  expect(second - (ended[0] ?? 0)).toBeGreaterThan(0.5 * tookMs);
});

it('refuses who has waited too long, and goes on', async () => {
  const limit = new ConcurrencyLimit({
    concurrent: 1,
    waiting: 2,
    retryAfterSeconds: 1,
    maxWaitSeconds: 0.02,
  });
  let end = () => undefined as void;
  const first = limit.run(() => new Promise<void>((resolve) => (end = resolve)));
  await expect(limit.run(() => Promise.resolve('late'))).rejects.toMatchObject({ status: 429 });
  end();
  await first;
  await expect(limit.run(() => Promise.resolve('free again'))).resolves.toBe('free again');
});

it('keeps a limit for each key that has work, and forgets it afterwards', async () => {
  const limits = new KeyedConcurrencyLimit({ concurrent: 1, waiting: 1, retryAfterSeconds: 1 });
  const ends: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => ends.push(resolve));
  const running = [limits.run('a', work), limits.run('a', work), limits.run('b', work)];
  expect([ends.length, limits.size]).toEqual([2, 2]);
  await expect(limits.run('a', work)).rejects.toMatchObject({ status: 429 });
  for (const end of ends.splice(0)) end();
  await running[0];
  while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const end of ends) end();
  await Promise.all(running);
  expect(limits.size).toBe(0);
});
