/** Token buckets. */
import fc from 'fast-check';
import { TokenBuckets } from './token-buckets';

const at = (seconds: number) => new Date(Math.round(seconds * 1000));

/** Takes a token when there is one; whether there was. */
function ask(buckets: TokenBuckets, key: string, seconds: number): boolean {
  if (buckets.waitSeconds(key, at(seconds)) > 0) return false;
  buckets.take(key, at(seconds));
  return true;
}

it('gives ten seconds worth at once, then as much as flows in', () => {
  const buckets = new TokenBuckets(60);
  expect(Array.from({ length: 12 }, () => ask(buckets, 'a', 0))).toEqual([
    ...Array<boolean>(10).fill(true),
    false,
    false,
  ]);
  expect(buckets.waitSeconds('a', at(0))).toBe(1);
  expect([1, 1, 2, 2].map((second) => ask(buckets, 'a', second))).toEqual([true, false, true, false]);
  expect(ask(buckets, 'b', 2)).toBe(true);
});

it('names a wait after which there is one, however slowly they flow', () => {
  const buckets = new TokenBuckets(1);
  expect(ask(buckets, 'a', 0)).toBe(true);
  const wait = buckets.waitSeconds('a', at(0));
  expect(wait).toBe(60);
  expect(ask(buckets, 'a', wait - 1)).toBe(false);
  expect(ask(buckets, 'a', wait)).toBe(true);
});

it('never allows more than rate and burst, and always that much to a caller who waits as requested', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 600 }),
      fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 200 }),
      (perMinute, pausesMilliseconds) => {
        const buckets = new TokenBuckets(perMinute);
        // Whole milliseconds, as a clock counts: a sum of fractions may lie below the millisecond it stands for.
        let milliseconds = 0;
        let given = 0;
        for (const pause of pausesMilliseconds) {
          milliseconds += pause;
          if (ask(buckets, 'a', milliseconds / 1000)) given++;
        }
        const seconds = milliseconds / 1000;
        const most = Math.max(1, perMinute / 6) + (seconds * perMinute) / 60;
        expect(given).toBeLessThanOrEqual(Math.floor(most + 1e-6));
        const later = milliseconds + 1000 * buckets.waitSeconds('a', new Date(milliseconds));
        const soonest = milliseconds + Math.ceil(buckets.waitMilliseconds('a', new Date(milliseconds)));
        expect(buckets.waitMilliseconds('a', new Date(soonest))).toBe(0);
        expect(ask(buckets, 'a', later / 1000)).toBe(true);
      },
    ),
  );
});

it('survives a clock that steps back, and keeps a bounded number of keys', () => {
  const buckets = new TokenBuckets(60, { maxKeys: 2 });
  expect(ask(buckets, 'a', 100)).toBe(true);
  expect(ask(buckets, 'a', 50)).toBe(true);
  for (const key of ['a', 'b', 'c']) for (let n = 0; n < 10; n++) ask(buckets, key, 100);
  expect(['a', 'b', 'c'].map((key) => buckets.waitSeconds(key, at(100)))).toEqual([0, 1, 1]);
});

it('lets a price that is known afterwards be paid by waiting, for two minutes at the most', () => {
  const buckets = new TokenBuckets(60);
  buckets.take('a', at(0), 40);
  expect([buckets.waitSeconds('a', at(0)), buckets.waitSeconds('a', at(30))]).toEqual([31, 1]);
  buckets.take('b', at(0), 1e9);
  expect(buckets.waitSeconds('b', at(0))).toBe(121);
});

it('gives as much at once as flows in during its burst', () => {
  const buckets = new TokenBuckets(60, { burstSeconds: 60 });
  expect(Array.from({ length: 61 }, () => ask(buckets, 'a', 0)).filter(Boolean)).toHaveLength(60);
});
