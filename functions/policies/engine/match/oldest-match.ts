/** The search for the oldest rule that one event meets. */
import { type Bitset, has } from './bitset';
import { meets } from './compiled-trigger';
import type { DimensionTest } from './conditions';
import type { FoldedData } from './normalized-event';

/** A trigger that an event may meet. */
export interface Candidate {
  /** The age of its rule: 0 is the oldest. */
  readonly rule: number;
  /** What the event must still satisfy. */
  readonly tests: readonly DimensionTest[];
}

export class OldestSearch {
  private static searches = 0;

  /** No two searches have the same. */
  readonly number = (OldestSearch.searches += 1);
  private found = Infinity;

  constructor(
    /** The rules in whose scope the session is. */
    private readonly inScope: Bitset,
    readonly data: FoldedData,
  ) {}

  /** The oldest rule found so far. */
  get oldest(): number | undefined {
    return this.found === Infinity ? undefined : this.found;
  }

  /** Whether a rule is in scope and older than the oldest found. */
  isOpenTo(rule: number): boolean {
    return rule < this.found && has(this.inScope, rule);
  }

  /** The same of any of some rules, oldest first: those between two places of a list. */
  isOpenToAny(rules: Uint32Array, start: number, end: number): boolean {
    for (let place = start; place < end; place++) {
      const rule = rules[place] ?? 0;
      if (rule >= this.found) return false;
      if (has(this.inScope, rule)) return true;
    }
    return false;
  }

  consider(candidate: Candidate): void {
    if (this.isOpenTo(candidate.rule) && meets(candidate, this.data)) this.found = candidate.rule;
  }
}
