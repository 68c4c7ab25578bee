/** The scopes of the rules of a policy, by position: which of them cover others. */
import { allBelow, type Bitset } from '../match/bitset';
import type { Scope } from '../model/scope';
import { ComparableScope } from './comparable-scope';
import { ScopeCoverageFilter } from './coverage-filters';
import type { CoverageFilter } from './coverage-search';
import type { StepBudget } from './step-budget';

/** How many words of a set of rules one step intersects, for all kinds of criteria. */
const WORDS_PER_STEP = 16;

export class Scopes {
  readonly filter: CoverageFilter;
  private readonly scopes: readonly ComparableScope[];
  private readonly scopeFilter: ScopeCoverageFilter;

  constructor(
    rules: readonly { readonly scope: Scope }[],
    private readonly budget: StepBudget,
  ) {
    this.scopes = rules.map(({ scope }) => ComparableScope.of(scope, budget));
    this.scopeFilter = new ScopeCoverageFilter(this.scopes, budget);
    this.filter = {
      restrict: (candidates, position) => {
        const scope = this.scopes[position];
        if (scope) this.scopeFilter.restrictTo(candidates, scope);
      },
    };
  }

  /** The scope of the rule at a position. @throws RangeError when there is none */
  at(position: number): ComparableScope {
    const scope = this.scopes[position];
    if (!scope) throw new RangeError(`There is no rule ${position}`);
    return scope;
  }

  covers(first: number, later: number): boolean {
    return this.isCoveredBy(this.at(later), first);
  }

  isCoveredBy(scope: ComparableScope, rule: number): boolean {
    return this.scopes[rule]?.covers(scope) ?? false;
  }

  /** Whether rules before a position have every key of a scope, or do without keys of its kind. */
  haveAllKeys(scope: ComparableScope, before: number): boolean {
    return this.scopeFilter.haveAllKeys(scope, before);
  }

  /** The rules before a position that may cover a scope. */
  candidates(scope: ComparableScope, before: number): Bitset {
    const candidates = allBelow(before, this.scopes.length);
    this.budget.spend(candidates.length / WORDS_PER_STEP);
    this.scopeFilter.restrictTo(candidates, scope);
    return candidates;
  }

  /** The scopes before `later` that may cover it, and whether one of them does; results are cached. */
  before(later: number): { candidates: Bitset; covers: (first: number) => boolean } {
    const candidates = this.candidates(this.at(later), later);
    const cache = new Map<number, boolean>();
    const covers = (first: number) => {
      this.budget.spend(1);
      const result = cache.get(first) ?? this.covers(first, later);
      cache.set(first, result);
      return result;
    };
    return { candidates, covers };
  }
}
