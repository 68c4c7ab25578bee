/** For tests: many small waits at the same time, but not all of them. */

/** Works on all items, so many at once; rejects with the first failure. */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  concurrency = 8,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const workers = Array.from({ length: concurrency }, async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await work(next.value);
  });
  await Promise.all(workers);
}
