import fc from 'fast-check';
import { excessOf, growthOf, type Sample } from './growth';

const MEGABYTE = 1_048_576;

const samples = (valueAt: (index: number) => number, connectionsAt = (_index: number) => 5): Sample[] =>
  Array.from({ length: 20 }, (_, index) => ({
    requests: 1200 * (index + 1),
    heapBytes: valueAt(index),
    rssBytes: 200 * MEGABYTE + valueAt(index) / 2,
    connections: connectionsAt(index),
  }));

it('detects a leak of one kilobyte per request under much larger noise', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer({ min: -MEGABYTE, max: MEGABYTE })), (noise) => {
      const leak = samples((index) => 50 * MEGABYTE + 1024 * 1200 * index + Number(noise.next().value));
      expect(excessOf(growthOf(leak)).join()).toContain('heapBytesPerThousand');
    }),
  );
});

it('ignores caches that fill at first and a single outlier', () => {
  const steady = samples(
    (index) => 40 * MEGABYTE + Math.min(index, 4) * MEGABYTE + (index === 12 ? 30 * MEGABYTE : 0),
  );
  expect(excessOf(growthOf(steady))).toEqual([]);
});

it('counts leaked connections', () => {
  const growth = growthOf(
    samples(
      () => MEGABYTE,
      (index) => 5 + 2 * index,
    ),
  );
  expect(excessOf(growth)).toEqual([expect.stringMatching(/^connections/)]);
});

it('detects growth outside the heap', () => {
  const native = samples(() => 0).map((sample, index) => ({ ...sample, rssBytes: 5 * index * MEGABYTE }));
  expect(excessOf(growthOf(native))).toEqual([expect.stringMatching(/^rssBytes/)]);
});
