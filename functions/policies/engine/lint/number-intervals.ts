/** Intervals of numbers, and what several of them accept together. Pure. */
import type { NumberRange } from '../match/conditions';

/** From `low` to `high`, each included or not. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly hasLow: boolean;
  readonly hasHigh: boolean;
}

/** The intervals of ranges as far as events have such numbers, from 0 to `largest`; none for ranges that no event is in. */
export function intervalsOf(ranges: readonly NumberRange[], largest: number): Interval[] {
  return ranges
    .map(({ low, high, inclusive }) => ({
      ...(low < 0 ? { low: 0, hasLow: true } : { low, hasLow: inclusive }),
      ...(high > largest
        ? { high: largest, hasHigh: true }
        : { high, hasHigh: inclusive || high === Infinity }),
    }))
    .filter(({ low, high, hasLow, hasHigh }) => low < high || (low === high && hasLow && hasHigh));
}

/** The same numbers in as few intervals as possible, ascending. */
export function merged(intervals: readonly Interval[]): Interval[] {
  const ascending = intervals.toSorted((a, b) => a.low - b.low || Number(b.hasLow) - Number(a.hasLow));
  const result: Interval[] = [];
  for (const next of ascending) {
    const last = result.at(-1);
    const touches =
      last && (next.low < last.high || (next.low === last.high && (next.hasLow || last.hasHigh)));
    if (!touches) result.push(next);
    else if (next.high > last.high || (next.high === last.high && next.hasHigh))
      result[result.length - 1] = { ...last, high: next.high, hasHigh: next.hasHigh };
  }
  return result;
}

/** Whether an interval lies within one of some merged ones. */
export function isWithin(inner: Interval, outers: readonly Interval[]): boolean {
  return outers.some((outer) => {
    const isLow = outer.low < inner.low || (outer.low === inner.low && (outer.hasLow || !inner.hasLow));
    const isHigh =
      outer.high > inner.high || (outer.high === inner.high && (outer.hasHigh || !inner.hasHigh));
    return isLow && isHigh;
  });
}
