import fc from 'fast-check';
import { compareTimed, mergeBatches, type Timed } from './merge-batches';

const timed = fc.record({
  id: fc.uuid(),
  time: fc
    .integer({ min: 0, max: 50 })
    .map((second) => new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString()),
});

async function* inOrder(batches: Timed[][], onUnpack: () => void = () => undefined) {
  const firstTime = (items: Timed[]) =>
    items.map(({ time }) => time).toSorted()[0] ?? '2030-01-01T00:00:00.000Z';
  for (const items of batches.toSorted((a, b) => (firstTime(a) < firstTime(b) ? -1 : 1)))
    yield {
      at: firstTime(items),
      unpack: async () => {
        onUnpack();
        return items;
      },
    };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

it('RCD-5: batches that overlap in any way give all events once, by time and then by id', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(timed, { maxLength: 8 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      async (batches, maxUnpacked) => {
        const merged = await collect(mergeBatches(inOrder(batches), maxUnpacked));
        expect(merged).toEqual(batches.flat().toSorted(compareTimed));
      },
    ),
  );
});

it('unpacks every batch once when few overlap', async () => {
  const batches = Array.from({ length: 200 }, (_, batch) =>
    Array.from({ length: 5 }, (_event, index) => ({
      id: `${batch}-${index}`,
      time: new Date(Date.UTC(2030, 0, 1) + batch * 4_000 + index * 1_000).toISOString(),
    })),
  );
  let unpacked = 0;
  const merged = await collect(
    mergeBatches(
      inOrder(batches, () => unpacked++),
      2,
    ),
  );
  expect(merged).toHaveLength(1_000);
  expect(unpacked).toBe(200);
});

it('unpacks a batch again only when more overlap than may be in memory', async () => {
  const batches = Array.from({ length: 10 }, (_, batch) => [
    { id: `${batch}-first`, time: '2030-01-01T00:00:00.000Z' },
    { id: `${batch}-last`, time: new Date(Date.UTC(2030, 0, 2) + batch).toISOString() },
  ]);
  let unpacked = 0;
  await collect(
    mergeBatches(
      inOrder(batches, () => unpacked++),
      3,
    ),
  );
  expect(unpacked).toBeLessThanOrEqual(30);
});
