/** For tests: many small waits at the same time, but not all of them. */

/** Works on all items, so many at once; rejects with the first failure. */
export async function forEachAtOnce<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  atOnce = 8,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const workers = Array.from({ length: atOnce }, async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await work(next.value);
  });
  await Promise.all(workers);
}
