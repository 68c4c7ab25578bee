/** When a log happened: single records years away from all others, of a clock that was not set, do not count. */

/** Some records at about one time; milliseconds since 1970. */
export interface RecordsAt {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

export interface MainSpan {
  readonly first: number;
  readonly last: number;
  /** The number of records outside. */
  readonly strayCount: number;
}

/** Records farther apart than this are not of one recording. */
const MAX_GAP_MS = 200 * 86_400_000;
/** A stretch with a smaller share of the records is stray. */
const MIN_SHARE = 0.1;
/** Clocks that are not set begin in 1601, 1970 or 1980. */
const EARLIEST = Date.UTC(1990, 0);

/** The time in which the records lie; undefined without records. */
export function mainSpan(records: readonly RecordsAt[]): MainSpan | undefined {
  const stretches = stretchesOf(records);
  const total = stretches.reduce((sum, { count }) => sum + count, 0);
  const likely = stretches.filter(({ last }) => last >= EARLIEST);
  const large = likely.filter(({ count }) => count > 1 && count >= total * MIN_SHARE);
  // Where none stands out, the earliest is taken: a clock that runs wrong is more often ahead by years.
  const chosen = large.length > 0 ? large : (likely.length > 0 ? likely : stretches).slice(0, 1);
  const [first, last] = [chosen[0]?.first, chosen.at(-1)?.last];
  if (first === undefined || last === undefined) return undefined;
  const counted = stretches.filter((stretch) => stretch.first >= first && stretch.last <= last);
  return { first, last, strayCount: total - counted.reduce((sum, { count }) => sum + count, 0) };
}

/** The records without the gaps between them. */
function stretchesOf(records: readonly RecordsAt[]): RecordsAt[] {
  const stretches: RecordsAt[] = [];
  for (const next of [...records].sort((left, right) => left.first - right.first)) {
    const last = stretches.at(-1);
    if (!last || next.first - last.last > MAX_GAP_MS) stretches.push(next);
    else
      stretches[stretches.length - 1] = {
        first: last.first,
        last: Math.max(last.last, next.last),
        count: last.count + next.count,
      };
  }
  return stretches;
}
