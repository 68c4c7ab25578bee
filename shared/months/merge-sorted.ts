/** Merges sorted sources, such as the buckets of a month, into pages that are the same whatever lies where. */

/** Sources that are asked at the same time. */
const PARALLEL_READS = 32;

export interface SortedSource<T> {
  /** At most `limit` rows, those behind `after`; undefined: the first ones of the page. */
  read: (limit: number, after: T | undefined) => Promise<T[]>;
  /** The part of all rows that it probably holds, from 0 to 1: it is asked for so many, and again when it had more. */
  share: number;
}

interface Stream<T> {
  source: SortedSource<T>;
  /** Rows in order; the first is the next. */
  rows: T[];
  chunk: number;
  isExhausted: boolean;
}

/** The first `limit` rows of all sources, which must each be sorted by `compare` and share no row. */
export async function mergeSorted<T>(
  sources: readonly SortedSource<T>[],
  compare: (a: T, b: T) => number,
  limit: number,
): Promise<T[]> {
  const streams: Stream<T>[] = [];
  for (let start = 0; start < sources.length; start += PARALLEL_READS) {
    const some = sources.slice(start, start + PARALLEL_READS);
    streams.push(...(await Promise.all(some.map((source) => open(source, limit)))));
  }
  const merged: T[] = [];
  while (merged.length < limit) {
    const next = firstOf(streams, compare);
    const row = next?.rows.shift();
    if (!next || row === undefined) break;
    merged.push(row);
    if (next.rows.length === 0 && !next.isExhausted && merged.length < limit) await fill(next, row);
  }
  return merged;
}

async function open<T>(source: SortedSource<T>, limit: number): Promise<Stream<T>> {
  const stream: Stream<T> = { source, rows: [], chunk: chunkOf(source.share, limit), isExhausted: false };
  await fill(stream, undefined);
  return stream;
}

async function fill<T>(stream: Stream<T>, after: T | undefined): Promise<void> {
  stream.rows = await stream.source.read(stream.chunk, after);
  stream.isExhausted = stream.rows.length < stream.chunk;
}

/** What a source gives to a page, three standard deviations more and one: it is seldom asked twice. */
function chunkOf(share: number, limit: number): number {
  const mean = limit * share;
  return Math.min(limit, Math.ceil(mean + 3 * Math.sqrt(mean)) + 1);
}

function firstOf<T>(streams: Stream<T>[], compare: (a: T, b: T) => number): Stream<T> | undefined {
  let first: Stream<T> | undefined;
  for (const stream of streams) {
    const [row] = stream.rows;
    const [best] = first?.rows ?? [];
    if (row !== undefined && (best === undefined || compare(row, best) < 0)) first = stream;
  }
  return first;
}
