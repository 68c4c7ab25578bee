/** For tests: works on many items concurrently, with a limit. */

/** Works on all items, `concurrency` of them at a time; rejects with the first failure. */
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
