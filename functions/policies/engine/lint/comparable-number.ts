/** Tests of numbers prepared for comparison: the intervals that they accept. */
import type { NumberTest } from '../match/conditions';
import { largestValue } from '../model/event-types';
import type { ComparableTest } from './comparable-test';
import { type Interval, intervalsOf, isWithin, merged } from './number-intervals';
import type { StepBudget } from './step-budget';

export class ComparableNumber implements ComparableTest {
  /** Numbers are not indexed by value. */
  readonly traits = undefined;
  readonly sample = undefined;

  /** Ascending; none of them touches another. Empty when no event has such a number. */
  readonly intervals: readonly Interval[];

  private constructor(
    readonly dimension: string,
    /** As they were written. */
    private readonly written: readonly Interval[],
    private readonly budget: StepBudget,
  ) {
    budget.spend(written.length);
    this.intervals = merged(written);
  }

  static of({ dimension, ranges }: NumberTest, budget: StepBudget): ComparableNumber {
    return new ComparableNumber(dimension.id, intervalsOf(ranges, largestValue(dimension)), budget);
  }

  get form(): string {
    return JSON.stringify([
      this.dimension,
      ...this.intervals.map(({ low, high, hasLow, hasHigh }) => [low, hasLow, String(high), hasHigh]),
    ]);
  }

  *parts(): Generator<ComparableNumber> {
    if (this.written.length < 2) return;
    for (const interval of this.written) yield new ComparableNumber(this.dimension, [interval], this.budget);
  }

  covers(inner: ComparableTest): boolean {
    return inner instanceof ComparableNumber && this.coversIntervals(inner, this.intervals);
  }

  /** Whether several tests together accept all numbers that this one accepts. */
  isCoveredBy(tests: readonly ComparableNumber[]): boolean {
    return this.coversIntervals(this, merged(tests.flatMap(({ intervals }) => intervals)));
  }

  private coversIntervals(inner: ComparableNumber, outers: readonly Interval[]): boolean {
    this.budget.spend(outers.length * inner.intervals.length);
    return inner.intervals.length > 0 && inner.intervals.every((one) => isWithin(one, outers));
  }
}
