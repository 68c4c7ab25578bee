/** Buckets: how many a month has, and which one an id lies in. */
import fc from 'fast-check';
import { newId, newSessionId } from '../ids';
import { type BucketCount, bucketsFor, monthKey, monthKeys, nextMonth } from './buckets';

const COUNTS: BucketCount[] = [1, 16, 256];

it.each<[number, number, BucketCount]>([
  [0, 0, 1],
  [500, 100, 1],
  [501, 10, 16],
  [101, 101, 16],
  [8_000, 1_600, 16],
  [8_001, 10, 256],
  [1_601, 1_601, 256],
  [100_000, 1_000, 256],
])('a customer with %d servers, %d of them at one site, has %d buckets', (servers, largestSite, buckets) => {
  expect(bucketsFor({ servers, largestSite })).toBe(buckets);
});

it('a month that is not split has the key that months had before there were buckets', () => {
  expect(monthKey({ month: '2026-11', buckets: 1 }, newId())).toBe('2026-11');
  expect(monthKeys({ month: '2026-11', buckets: 1 })).toEqual(['2026-11']);
});

it('a split month has keys of one or two hexadecimal digits', () => {
  expect(monthKeys({ month: '2026-11', buckets: 16 }).slice(9, 12)).toEqual([
    '2026-11.9',
    '2026-11.a',
    '2026-11.b',
  ]);
  const keys = monthKeys({ month: '2026-11', buckets: 256 });
  expect([keys[0], keys[167], keys[255]]).toEqual(['2026-11.00', '2026-11.a7', '2026-11.ff']);
});

it('an id lies in one of the buckets of its month, always the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...COUNTS), fc.string({ minLength: 1 }), (buckets, id) => {
      const month = { month: '2026-11', buckets };
      expect(monthKeys(month)).toContain(monthKey(month, id));
      expect(monthKey(month, id)).toBe(monthKey(month, id));
    }),
  );
});

it('sessions that start one after the other spread evenly', () => {
  const start = Date.UTC(2026, 10, 3, 8);
  const month = { month: '2026-11', buckets: 16 as const };
  const counts = new Map<string, number>();
  for (let index = 0; index < 16_000; index += 1) {
    const key = monthKey(month, newSessionId(new Date(start + index)));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  // 1,000 each, give or take six standard deviations.
  expect(counts.size).toBe(16);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(190);
});

it('the month after December is January', () => {
  expect([nextMonth('2026-11'), nextMonth('2026-12')]).toEqual(['2026-12', '2027-01']);
});
