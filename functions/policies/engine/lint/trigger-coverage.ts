/** Which rules, given by position, match everything that a trigger matches. */
import type { Bitset } from '../match/bitset';
import type { ComparableTrigger } from './comparable-trigger';
import { TriggerCoverageFilter } from './coverage-filters';
import { type CoverageFilter, eachTriggerOf } from './coverage-search';
import { NumberCoverageFilter } from './number-coverage-filter';
import type { StepBudget } from './step-budget';

export class TriggerCoverage {
  readonly filters: readonly CoverageFilter[];
  private readonly triggerFilters: readonly (NumberCoverageFilter | TriggerCoverageFilter)[];
  private readonly forms: readonly ReadonlyMap<string, number>[];

  constructor(
    private readonly triggers: readonly (readonly ComparableTrigger[])[],
    private readonly budget: StepBudget,
  ) {
    this.triggerFilters = [
      new NumberCoverageFilter(triggers, budget),
      new TriggerCoverageFilter(triggers, budget),
    ];
    this.filters = this.triggerFilters.map((filter) => eachTriggerOf(triggers, filter));
    this.forms = triggers.map(
      (ofRule) => new Map(ofRule.map((one, position) => [one.canonicalForm, position] as const).toReversed()),
    );
  }

  /** Removes rules that cannot cover a trigger of the rule at a position. */
  restrict(candidates: Bitset, trigger: ComparableTrigger, position: number): void {
    for (const filter of this.triggerFilters) filter.restrictTo(candidates, trigger, position);
  }

  /** The position of the trigger of a rule that covers another trigger; null: several do together; undefined: none. */
  coverOf(inner: ComparableTrigger, rule: number): number | null | undefined {
    this.budget.spend(1);
    const ofRule = this.triggers[rule] ?? [];
    // Copies of whole rules are common, and their triggers are found immediately by their form.
    const same = this.forms[rule]?.get(inner.canonicalForm);
    if (same !== undefined) return same;
    const position = ofRule.findIndex((outer) => outer.covers(inner));
    if (position >= 0) return position;
    return ofRule.length > 1 && inner.isCoveredTogetherBy(ofRule) ? null : undefined;
  }
}
