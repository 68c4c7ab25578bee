/** Waiting after repeated failures. */
import { Problem } from '../problem';
import { AttemptLimiter } from './attempt-limiter';

let now = 0;
const clock = { now: () => new Date(now * 1000) };
const at = (seconds: number) => {
  now = seconds;
  return clock.now();
};
const limiterOf = (options: { attempts: number; maxKeys?: number }) =>
  new AttemptLimiter({ windowSeconds: 60, ...options }, 'Wait.');
const wrong = () => Promise.reject(new Problem('unauthenticated', 'Wrong.'));
const fail = (limiter: AttemptLimiter, key: string) =>
  expect(limiter.run(key, clock, wrong)).rejects.toMatchObject({ code: 'unauthenticated' });

it('lets so many failures pass and makes the key wait for the rest of the window', async () => {
  const limiter = limiterOf({ attempts: 3 });
  for (const second of [0, 10, 20]) {
    expect(limiter.waitSeconds('a', at(second))).toBe(0);
    await fail(limiter, 'a');
  }
  expect(limiter.waitSeconds('a', at(20))).toBe(40);
  expect(limiter.waitSeconds('a', at(59.5))).toBe(1);
  expect(limiter.waitSeconds('a', at(60))).toBe(0);
  await fail(limiter, 'a');
  expect(limiter.waitSeconds('a', at(60))).toBe(0);
});

it('counts attempts before their work, and refuses the next one without beginning it', async () => {
  const limiter = limiterOf({ attempts: 3 });
  at(0);
  let begun = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, () =>
      limiter.run('a', clock, async () => {
        begun++;
        await Promise.resolve();
        return wrong();
      }),
    ),
  );
  expect(begun).toBe(3);
  const reasons = outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as Problem));
  const refused = reasons.filter((reason) => reason && reason.code === 'too-many-requests');
  expect(refused).toHaveLength(57);
  expect(refused[0]).toMatchObject({ detail: 'Wait.', retryAfterSeconds: 1 });
  await expect(limiter.run('a', clock, wrong)).rejects.toMatchObject({ retryAfterSeconds: 60 });
});

it('forgives what turns out right, and what failed for another reason', async () => {
  const limiter = limiterOf({ attempts: 1 });
  at(0);
  for (let n = 0; n < 5; n++) {
    expect(await limiter.run('a', clock, () => Promise.resolve(n))).toBe(n);
    await expect(limiter.run('a', clock, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  }
  expect(limiter.waitSeconds('a', clock.now())).toBe(0);
});

it('keeps keys apart', async () => {
  const limiter = limiterOf({ attempts: 1 });
  at(0);
  await fail(limiter, 'a');
  expect(limiter.waitSeconds('a', at(1))).toBe(59);
  expect(limiter.waitSeconds('b', at(1))).toBe(0);
});

it('remembers a bounded number of keys, the youngest', async () => {
  const limiter = limiterOf({ attempts: 1, maxKeys: 2 });
  at(0);
  for (const key of ['a', 'b', 'c']) await fail(limiter, key);
  expect(['a', 'b', 'c'].map((key) => limiter.waitSeconds(key, at(1)))).toEqual([0, 59, 59]);
});
