/** The search for the oldest rule that has a trigger matching one event. */
import { type Bitset, has } from './bitset';
import { matches } from './compiled-trigger';
import type { DimensionTest } from './conditions';
import type { NormalizedEvent } from './normalized-event';

/** A trigger that may match an event. */
export interface Candidate {
  /** Rank of its rule by age: 0 is the oldest. */
  readonly rule: number;
  /** What the index has not tested yet. */
  readonly tests: readonly DimensionTest[];
}

export class OldestMatch {
  private static searches = 0;

  /** Unique per search. */
  readonly number = (OldestMatch.searches += 1);
  private found = Infinity;

  constructor(
    /** The rules whose scope contains the session. */
    private readonly inScope: Bitset,
    readonly event: NormalizedEvent,
  ) {}

  /** The oldest matching rule found so far. */
  get rule(): number | undefined {
    return this.found === Infinity ? undefined : this.found;
  }

  /** Whether a rule is in scope and older than the oldest match found so far. */
  isRelevant(rule: number): boolean {
    return rule < this.found && has(this.inScope, rule);
  }

  /** Whether any of the rules from `start` up to `end` in a list, oldest first, is relevant. */
  isAnyRelevant(rules: Uint32Array, start: number, end: number): boolean {
    for (let index = start; index < end; index++) {
      const rule = rules[index] ?? 0;
      if (rule >= this.found) return false;
      if (has(this.inScope, rule)) return true;
    }
    return false;
  }

  consider(candidate: Candidate): void {
    if (this.isRelevant(candidate.rule) && matches(candidate, this.event)) this.found = candidate.rule;
  }
}
