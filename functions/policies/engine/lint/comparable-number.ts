/** Tests of numbers prepared for comparison: the intervals that they accept. */
import type { NumberTest } from '../match/conditions';
import { largestValue } from '../model/event-types';
import type { ComparableTest } from './comparable-test';
import { type Interval, intervalsOf, isWithin, merged } from './number-intervals';
import type { StepBudget } from './step-budget';

export class ComparableNumber implements ComparableTest {
  readonly dimension: string;
  /** Numbers are not indexed by value. */
  readonly traits = undefined;
  readonly sample = undefined;
  /** Ascending; none of them touches another. Empty when no event has such a number. */
  readonly intervals: readonly Interval[];
  readonly form: string;

  constructor(
    { dimension, ranges }: NumberTest,
    private readonly budget: StepBudget,
  ) {
    budget.spend(ranges.length);
    this.dimension = dimension.id;
    this.intervals = merged(intervalsOf(ranges, largestValue(dimension)));
    this.form = JSON.stringify([
      this.dimension,
      ...this.intervals.map(({ low, high, hasLow, hasHigh }) => [low, hasLow, String(high), hasHigh]),
    ]);
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
