/** Finds triggers that may cover others by the ranges of numbers that they ask for. */
import { add, allBelow, type Bitset, emptySet, intersect, isEmpty, members } from '../match/bitset';
import { ComparableNumber, type ComparableTrigger } from './coverage';
import { ADDED_PER_EFFORT, type Narrowing } from './coverage-filters';
import type { Effort } from './step-budget';
import { groupBy } from '../../../../shared/pure/group-by';

/** A rule that covers another has for each of its triggers one that takes at least its numbers, in every dimension. */
export class NumberNarrowing implements Narrowing {
  private readonly ofTypes = new Map<string, NumbersOfType>();

  constructor(
    private readonly rules: readonly (readonly ComparableTrigger[])[],
    effort: Effort,
  ) {
    const filed = rules.flatMap((triggers, rule) => triggers.map((trigger) => ({ trigger, rule })));
    for (const [type, ofType] of groupBy(filed, ({ trigger }) => typeOf(trigger)))
      if (ofType.some(({ trigger }) => numbersOf(trigger).length > 0))
        this.ofTypes.set(type, new NumbersOfType(ofType, effort));
  }

  narrow(candidates: Bitset, position: number): void {
    for (const trigger of this.rules[position] ?? []) {
      if (isEmpty(candidates)) return;
      const ofType = this.ofTypes.get(typeOf(trigger));
      if (!ofType) continue;
      const covering = emptySet(this.rules.length);
      ofType.eachThatMayCover(trigger, position, (rule) => {
        add(covering, rule);
      });
      intersect(candidates, covering);
    }
  }
}

interface Filed {
  readonly trigger: ComparableTrigger;
  readonly rule: number;
}

/** The triggers of one event type, by the numbers that they ask for. */
class NumbersOfType {
  private readonly byDimension: ReadonlyMap<string, NumbersOfDimension>;

  constructor(
    private readonly triggers: readonly Filed[],
    private readonly effort: Effort,
  ) {
    const dimensions = triggers.flatMap(({ trigger }) =>
      numbersOf(trigger).map(({ dimension }) => dimension),
    );
    this.byDimension = new Map(
      [...new Set(dimensions)].map((id) => {
        const tests = triggers.map(({ trigger }) =>
          numbersOf(trigger).find(({ dimension }) => dimension === id),
        );
        return [id, new NumbersOfDimension(tests, effort)];
      }),
    );
  }

  /** Calls `found` with each rule before another that may cover a trigger of that one. */
  eachThatMayCover(trigger: ComparableTrigger, before: number, found: (rule: number) => void): void {
    const { length } = this.triggers;
    const earlier = countWhile(length, (position) => (this.triggers[position]?.rule ?? 0) < before);
    const covering = allBelow(earlier, length);
    const numbers = numbersOf(trigger);
    for (const [id, ofDimension] of this.byDimension) {
      const test = numbers.find(({ dimension }) => dimension === id);
      intersect(covering, ofDimension.thatMayCover(test));
    }
    for (const position of members(covering)) {
      this.effort.spend(1 / ADDED_PER_EFFORT);
      found(this.triggers[position]?.rule ?? 0);
    }
  }
}

/** The tests of some triggers, given by position, on one dimension. */
class NumbersOfDimension {
  /** The triggers that take every number. */
  private readonly free: Bitset;
  /** The ends of all ranges, by the lower ones, and the triggers that they are of. Plain numbers are quick to go over. */
  private readonly lows: Float64Array;
  private readonly highs: Float64Array;
  private readonly positions: Uint32Array;

  constructor(
    tests: readonly (ComparableNumber | undefined)[],
    private readonly effort: Effort,
  ) {
    this.free = emptySet(tests.length);
    for (const [position, test] of tests.entries()) if (!test) add(this.free, position);
    const ranges = tests
      .flatMap((test, position) => (test?.ranges ?? []).map(({ low, high }) => ({ low, high, position })))
      .toSorted((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
    this.lows = Float64Array.from(ranges, ({ low }) => low);
    this.highs = Float64Array.from(ranges, ({ high }) => high);
    this.positions = Uint32Array.from(ranges, ({ position }) => position);
  }

  /** Whoever covers a test covers its first range; nobody who asks for numbers covers who takes all. */
  thatMayCover(test: ComparableNumber | undefined): Bitset {
    const first = test?.ranges[0];
    const { lows, highs } = this;
    const count = first ? countWhile(lows.length, (index) => (lows[index] ?? 0) <= first.low) : 0;
    this.effort.spend((this.free.length + count) / ADDED_PER_EFFORT);
    const found = this.free.slice();
    if (first) {
      for (let index = 0; index < count; index++)
        if ((highs[index] ?? 0) >= first.high) add(found, this.positions[index] ?? 0);
    }
    return found;
  }
}

/** Of so many positions, how many from the first one on hold: they do before some position, and not behind it. */
function countWhile(length: number, holds: (position: number) => boolean): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}

const typeOf = ({ compiled }: ComparableTrigger): string => compiled.trigger.eventType;
const numbersOf = ({ tests }: ComparableTrigger) => tests.filter((test) => test instanceof ComparableNumber);
