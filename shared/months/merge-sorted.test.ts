/** Lists over buckets: every row once and in order, whatever lies where, and few reads. */
import fc from 'fast-check';
import { mergeSorted, type SortedSource } from './merge-sorted';

const descending = (a: number, b: number) => b - a;

interface Counted {
  sources: SortedSource<number>[];
  reads: number;
}

/** Sources over these rows, as buckets give them; `start` is where the page begins. */
function sourcesOf(buckets: readonly number[][], start?: number): Counted {
  const counted: Counted = { sources: [], reads: 0 };
  counted.sources = buckets.map((bucket) => ({
    share: 1 / buckets.length,
    read: async (limit, last) => {
      counted.reads += 1;
      const after = last ?? start ?? Infinity;
      return bucket
        .filter((row) => row < after)
        .sort(descending)
        .slice(0, limit);
    },
  }));
  return counted;
}

/** Pages through all rows as a caller does, who knows the last row of a page alone. */
async function pagesOf(buckets: readonly number[][], limit: number): Promise<number[][]> {
  const pages: number[][] = [];
  for (let after: number | undefined; ;) {
    const page = await mergeSorted(sourcesOf(buckets, after).sources, descending, limit);
    if (page.length === 0) return pages;
    pages.push(page);
    after = page.at(-1);
  }
}

/** Any rows in any buckets, also all of them in one. */
const distribution = fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { maxLength: 120 }).chain((rows) =>
  fc
    .tuple(fc.constantFrom(1, 2, 16), fc.array(fc.nat(), { minLength: rows.length, maxLength: rows.length }))
    .map(([count, places]) => {
      const buckets: number[][] = Array.from({ length: count }, () => []);
      rows.forEach((row, index) => buckets[(places[index] ?? 0) % count]?.push(row));
      return buckets;
    }),
);

it('gives every row exactly once and in order, whatever the distribution and the page size', async () => {
  await fc.assert(
    fc.asyncProperty(distribution, fc.integer({ min: 1, max: 50 }), async (buckets, limit) => {
      const pages = await pagesOf(buckets, limit);
      expect(pages.flat()).toEqual(buckets.flat().sort(descending));
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    }),
  );
});

it('asks a single source once', async () => {
  const counted = sourcesOf([Array.from({ length: 100 }, (_, row) => row)]);
  expect(await mergeSorted(counted.sources, descending, 51)).toHaveLength(51);
  expect(counted.reads).toBe(1);
});

it('asks most buckets once for a few rows, where rows are spread evenly', async () => {
  const buckets: number[][] = Array.from({ length: 16 }, () => []);
  for (let row = 0; row < 10_000; row += 1) buckets[(row * 7_919) % 16]?.push(row);
  const counted = sourcesOf(buckets);
  expect(await mergeSorted(counted.sources, descending, 51)).toHaveLength(51);
  expect(counted.reads).toBeLessThanOrEqual(17);
});
