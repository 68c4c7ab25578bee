/** Finds rules that an earlier rule covers, without comparing all pairs. */
import { allBelow, type Bitset, isEmpty, members } from '../match/bitset';
import type { ComparableTrigger } from './comparable-trigger';

/** How many numbers one step adds to a set. */
export const ADDITIONS_PER_STEP = 16;

/** Removes from a set of rules those that cannot cover the rule at a position. */
export interface CoverageFilter {
  restrict(candidates: Bitset, position: number): void;
}

/** Removes from a set of rules those before a position that cannot cover a trigger of the rule there. */
export interface TriggerFilter {
  restrictTo(candidates: Bitset, trigger: ComparableTrigger, position: number): void;
}

/** A rule that covers another covers each of its triggers. */
export function eachTriggerOf(
  rules: readonly (readonly ComparableTrigger[])[],
  filter: TriggerFilter,
): CoverageFilter {
  return {
    restrict(candidates, position) {
      for (const trigger of rules[position] ?? [])
        if (!isEmpty(candidates)) filter.restrictTo(candidates, trigger, position);
    },
  };
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
