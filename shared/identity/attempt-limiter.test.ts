/** Waiting after repeated failures. */
import { AttemptLimiter } from './attempt-limiter';

const at = (seconds: number) => new Date(seconds * 1000);

it('lets so many failures pass and makes the key wait for the rest of the window', () => {
  const limiter = new AttemptLimiter({ attempts: 3, windowSeconds: 60 });
  for (const second of [0, 10, 20]) {
    expect(limiter.waitSeconds('a', at(second))).toBe(0);
    limiter.recordFailure('a', at(second));
  }
  expect(limiter.waitSeconds('a', at(20))).toBe(40);
  expect(limiter.waitSeconds('a', at(59.5))).toBe(1);
  expect(limiter.waitSeconds('a', at(60))).toBe(0);
  limiter.recordFailure('a', at(60));
  expect(limiter.waitSeconds('a', at(60))).toBe(0);
});

it('keeps keys apart', () => {
  const limiter = new AttemptLimiter({ attempts: 1, windowSeconds: 60 });
  limiter.recordFailure('a', at(0));
  expect(limiter.waitSeconds('a', at(1))).toBe(59);
  expect(limiter.waitSeconds('b', at(1))).toBe(0);
});

it('remembers a bounded number of keys, the youngest', () => {
  const limiter = new AttemptLimiter({ attempts: 1, windowSeconds: 60, maxKeys: 2 });
  for (const key of ['a', 'b', 'c']) limiter.recordFailure(key, at(0));
  expect(['a', 'b', 'c'].map((key) => limiter.waitSeconds(key, at(1)))).toEqual([0, 59, 59]);
});
