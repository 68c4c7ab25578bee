/** Bounded concurrency: many small waits at the same time, but not all of them. */

/** Maps every item, at most `concurrency` at a time, in the order of the items; rejects with the first failure. */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [index, item] of waiting) {
      if (failed) return;
      try {
        results[index] = await map(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  for (const settled of workers) if (settled.status === 'rejected') throw settled.reason;
  return results;
}
