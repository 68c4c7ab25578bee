/** Merges batches that may overlap in time into one sequence in order of time, with bounded memory: pure. */
import { Heap } from '../../shared/pure/heap';

/** What a batch contains: what happened at an instant. */
export interface Timed {
  /** Decides about the order of what happened at the same time. */
  readonly id?: string;
  /** RFC 3339 UTC with milliseconds. */
  readonly time: string;
}

/** RFC 3339 UTC with milliseconds: from this instant on, and before that one. Absent: unlimited. */
export interface TimeRange {
  from?: string | undefined;
  to?: string | undefined;
}

/** A batch whose items are unpacked only while they are needed. */
export interface TimedBatch<T extends Timed> {
  /** Time of its first item. */
  at: string;
  /** Its items, in any order; it may be asked for them again. */
  unpack: () => Promise<readonly T[]>;
}

/** Unpacked batches at a time: those that overlap are rarely more than a few. */
const MAX_UNPACKED = 32;

interface OpenBatch<T extends Timed> {
  batch: TimedBatch<T>;
  /** In order; undefined while there are too many unpacked batches. */
  items: readonly T[] | undefined;
  /** Index of the next item. */
  position: number;
  next: T;
}

/** Before, after, or at the same place in the order: by time, then by id. */
export function compareTimed(a: Timed, b: Timed): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  const [first, second] = [a.id ?? '', b.id ?? ''];
  return first === second ? 0 : first < second ? -1 : 1;
}

/**
 * All items by time, then id. The batches come in the order of their `at`. At most `maxUnpacked` of them are unpacked at
 * the same time: beyond that, those that are needed last are unpacked again when it is their turn.
 */
export async function* mergeBatches<T extends Timed>(
  batches: AsyncIterable<TimedBatch<T>>,
  maxUnpacked = MAX_UNPACKED,
): AsyncGenerator<T> {
  const open = new Heap<OpenBatch<T>>((a, b) => compareTimed(a.next, b.next));
  const unpacked = new Set<OpenBatch<T>>();
  const keepUnpacked = (batch: OpenBatch<T>) => {
    unpacked.add(batch);
    if (unpacked.size > maxUnpacked) dropLatest(unpacked);
  };
  async function* takeUntil(before: string | undefined): AsyncGenerator<T> {
    for (let first = open.peek(); first; first = open.peek()) {
      if (before !== undefined && first.next.time >= before) return;
      first.items ??= await sortedItems(first.batch);
      keepUnpacked(first);
      yield first.next;
      open.pop();
      first.position += 1;
      const next = first.items[first.position];
      if (next === undefined) unpacked.delete(first);
      else {
        first.next = next;
        open.push(first);
      }
    }
  }
  for await (const batch of batches) {
    yield* takeUntil(batch.at);
    const items = await sortedItems(batch);
    const [next] = items;
    if (next === undefined) continue;
    const opened = { batch, items, position: 0, next };
    open.push(opened);
    keepUnpacked(opened);
  }
  yield* takeUntil(undefined);
}

async function sortedItems<T extends Timed>(batch: TimedBatch<T>): Promise<readonly T[]> {
  return (await batch.unpack()).toSorted(compareTimed);
}

/** Forgets the items of the batch that is needed last. */
function dropLatest<T extends Timed>(unpacked: Set<OpenBatch<T>>): void {
  let latest: OpenBatch<T> | undefined;
  for (const batch of unpacked) if (!latest || compareTimed(batch.next, latest.next) > 0) latest = batch;
  if (!latest) return;
  latest.items = undefined;
  unpacked.delete(latest);
}

/** Ids that are remembered: the same event in several batches lies close together, as it has nearly the same time. */
const REMEMBERED_IDS = 65_536;

/** The items without those whose id, or time where they have none, came before, among the last ones. */
export async function* distinct<T extends Timed>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const known = new Set<string>();
  for await (const item of items) {
    const key = item.id ?? item.time;
    if (known.has(key)) continue;
    known.add(key);
    const [oldest] = known;
    if (known.size > REMEMBERED_IDS && oldest !== undefined) known.delete(oldest);
    yield item;
  }
}
