/** The search for the oldest rule that one event meets. */
import { add, type Bitset, emptySet, has } from './bitset';
import { type CompiledTrigger, meets } from './compiled-trigger';
import type { FoldedData } from './folded-data';

/** A trigger and the age of its rule: 0 is the oldest. */
export interface Candidate {
  readonly rule: number;
  readonly trigger: CompiledTrigger;
}

/** The rules of some triggers, out of so many rules. */
export function rulesOf(candidates: readonly Candidate[], ruleCount: number): Bitset {
  const rules = emptySet(ruleCount);
  for (const { rule } of candidates) add(rules, rule);
  return rules;
}

export class OldestSearch {
  private found = Infinity;

  constructor(
    /** The rules in whose scope the session is. */
    readonly inScope: Bitset,
    readonly data: FoldedData,
  ) {}

  /** The oldest rule found so far. */
  get oldest(): number | undefined {
    return this.found === Infinity ? undefined : this.found;
  }

  /** Looks for an older rule among some triggers, oldest rule first. */
  consider(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      if (candidate.rule >= this.found) return;
      this.considerOne(candidate);
    }
  }

  considerOne({ rule, trigger }: Candidate): void {
    if (rule < this.found && has(this.inScope, rule) && meets(trigger, this.data)) this.found = rule;
  }
}
