/** Finds rules that an earlier rule covers, without comparing all pairs. */
import { allBelow, type Bitset, isEmpty, members } from '../match/bitset';

/** How many numbers one step adds to a set. */
export const ADDITIONS_PER_STEP = 16;

/** Removes from a set of rules those that cannot cover the rule at a position. */
export interface CoverageFilter {
  restrict(candidates: Bitset, position: number): void;
}

/** Calls `found` for each rule, given by position, that an earlier rule covers, with the first rule that does. */
export function findCovered(
  count: number,
  filters: readonly CoverageFilter[],
  covers: (first: number, later: number) => boolean,
  found: (later: number, first: number) => void,
): void {
  for (let later = 1; later < count; later++) {
    const candidates = allBelow(later, count);
    for (const filter of filters) if (!isEmpty(candidates)) filter.restrict(candidates, later);
    for (const first of members(candidates)) {
      if (!covers(first, later)) continue;
      found(later, first);
      break;
    }
  }
}
