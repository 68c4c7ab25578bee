/** Filter of rules that may cover another by the number ranges of their triggers. */
import { groupBy } from '../../../../shared/pure/group-by';
import { add, allBelow, type Bitset, emptySet, intersect, members } from '../match/bitset';
import type { ComparableNumber } from './comparable-number';
import type { ComparableTrigger } from './comparable-trigger';
import { ADDITIONS_PER_STEP, type TriggerFilter } from './coverage-search';
import type { Interval } from './number-intervals';
import type { StepBudget } from './step-budget';

/**
 * A rule that covers a trigger has one that accepts at least its numbers in every dimension, or several that each accept
 * a part of them.
 */
export class NumberCoverageFilter implements TriggerFilter {
  private readonly byType = new Map<string, NumbersOfType>();

  constructor(
    private readonly rules: readonly (readonly ComparableTrigger[])[],
    budget: StepBudget,
  ) {
    const postings = rules.flatMap((triggers, rule) => triggers.map((trigger) => ({ trigger, rule })));
    for (const [type, ofType] of groupBy(postings, ({ trigger }) => trigger.eventType))
      if (ofType.some(({ trigger }) => trigger.numbers.length > 0))
        this.byType.set(type, new NumbersOfType(ofType, budget));
  }

  restrictTo(candidates: Bitset, trigger: ComparableTrigger, position: number): void {
    const ofType = this.byType.get(trigger.eventType);
    if (!ofType) return;
    const covering = emptySet(this.rules.length);
    ofType.eachThatMayCover(trigger, position, (rule) => {
      add(covering, rule);
    });
    intersect(candidates, covering);
  }
}

interface Posting {
  readonly trigger: ComparableTrigger;
  readonly rule: number;
}

/** The triggers of one event type by their number ranges. */
class NumbersOfType {
  private readonly byDimension: ReadonlyMap<string, NumbersOfDimension>;

  constructor(
    private readonly postings: readonly Posting[],
    private readonly budget: StepBudget,
  ) {
    const dimensions = postings.flatMap(({ trigger }) => trigger.numbers.map(({ dimension }) => dimension));
    const isOneOfSeveral = postings.map(
      ({ rule }, index) => postings[index - 1]?.rule === rule || postings[index + 1]?.rule === rule,
    );
    this.byDimension = new Map(
      [...new Set(dimensions)].map((id) => {
        const tests = postings.map(({ trigger }) =>
          trigger.numbers.find(({ dimension }) => dimension === id),
        );
        return [id, new NumbersOfDimension(tests, isOneOfSeveral, budget)];
      }),
    );
  }

  /** Calls `found` with each rule before the position `before` that has a trigger which may cover the given one. */
  eachThatMayCover(trigger: ComparableTrigger, before: number, found: (rule: number) => void): void {
    const { length } = this.postings;
    const earlier = countWhile(length, (position) => (this.postings[position]?.rule ?? 0) < before);
    const covering = allBelow(earlier, length);
    const { numbers } = trigger;
    for (const [id, ofDimension] of this.byDimension) {
      const test = numbers.find(({ dimension }) => dimension === id);
      intersect(covering, ofDimension.mayCover(test));
    }
    for (const position of members(covering)) {
      this.budget.spend(1 / ADDITIONS_PER_STEP);
      found(this.postings[position]?.rule ?? 0);
    }
  }
}

/** The tests of triggers, given by position, on one dimension. */
class NumbersOfDimension {
  /** The triggers without a test, which accept every number. */
  private readonly unrestricted: Bitset;
  /** The limits of all ranges, sorted by the lower ones, and the triggers that they belong to; flat for fast scans. */
  private readonly lows: Float64Array;
  private readonly highs: Float64Array;
  private readonly positions: Uint32Array;

  constructor(
    tests: readonly (ComparableNumber | undefined)[],
    /** Whether the rule of each trigger has others of the type, which may accept other parts of the numbers. */
    private readonly isOneOfSeveral: readonly boolean[],
    private readonly budget: StepBudget,
  ) {
    this.unrestricted = emptySet(tests.length);
    for (const [position, test] of tests.entries()) if (!test) add(this.unrestricted, position);
    const ranges = tests
      .flatMap((test, position) => (test?.intervals ?? []).map(({ low, high }) => ({ low, high, position })))
      .toSorted((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
    this.lows = Float64Array.from(ranges, ({ low }) => low);
    this.highs = Float64Array.from(ranges, ({ high }) => high);
    this.positions = Uint32Array.from(ranges, ({ position }) => position);
  }

  /** The triggers that may cover the first interval of a test; without a test, those that accept every number. */
  mayCover(test: ComparableNumber | undefined): Bitset {
    const first = test?.intervals[0];
    const { lows } = this;
    const count = first ? countWhile(lows.length, (index) => (lows[index] ?? 0) <= first.low) : 0;
    this.budget.spend((this.unrestricted.length + count) / ADDITIONS_PER_STEP);
    const found = this.unrestricted.slice();
    if (first) {
      for (let index = 0; index < count; index++)
        if (this.mayReach(index, first)) add(found, this.positions[index] ?? 0);
    }
    return found;
  }

  /** Whether an interval reaches the end of another one, or may do so together with those of other triggers. */
  private mayReach(index: number, { low, high }: Interval): boolean {
    const isPart = this.isOneOfSeveral[this.positions[index] ?? 0] ?? false;
    return (this.highs[index] ?? 0) >= (isPart ? low : high);
  }
}

/** Binary search: the number of leading positions for which a monotonic predicate holds. */
function countWhile(length: number, holds: (position: number) => boolean): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
