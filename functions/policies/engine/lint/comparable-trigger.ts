/** Triggers prepared for comparison: whether one matches everything that another matches. */
import type { CompiledTrigger } from '../match/compiled-trigger';
import { ChoiceTest, type DimensionTest, NumberTest } from '../match/conditions';
import { ComparableNumber } from './comparable-number';
import { isSubset } from './comparable-scope';
import type { ComparableTest, Sample, Traits } from './comparable-test';
import { ComparableText } from './comparable-text';
import type { PatternLanguages } from './pattern-languages';
import type { StepBudget } from './step-budget';

/** The cost of comparing two triggers, without their texts. */
const STEPS_PER_COMPARISON = 10;

/** A trigger with its tests reduced to what no other value implies, so that equivalent triggers become equal. */
export class ComparableTrigger {
  private form: string | undefined;

  private constructor(
    readonly compiled: CompiledTrigger,
    readonly tests: readonly ComparableTest[],
    private readonly budget: StepBudget,
  ) {}

  static of(compiled: CompiledTrigger, languages: PatternLanguages, budget: StepBudget): ComparableTrigger {
    const tests = compiled.tests.map((test) => comparable(test, languages, budget));
    return new ComparableTrigger(compiled, tests, budget);
  }

  /** Equal forms: each trigger covers the other. Triggers with patterns may cover each other with other forms too. */
  get canonicalForm(): string {
    this.form ??= JSON.stringify([this.eventType, ...this.tests.map(({ form }) => form).toSorted()]);
    return this.form;
  }

  /** Triggers that match the same events together, one for each value of a test; none if every test has one. */
  *parts(): Generator<ComparableTrigger> {
    for (const [index, test] of this.tests.entries()) {
      let isSingle = true;
      for (const part of test.parts()) {
        isSingle = false;
        yield new ComparableTrigger(this.compiled, this.tests.with(index, part), this.budget);
      }
      if (!isSingle) return;
    }
  }

  get eventType(): string {
    return this.compiled.trigger.eventType;
  }

  get hasPatterns(): boolean {
    return this.tests.some((test) => test instanceof ComparableText && test.patterns.size > 0);
  }

  get numbers(): ComparableNumber[] {
    return this.tests.filter((test) => test instanceof ComparableNumber);
  }

  /** Whether this trigger matches every event that the other one matches. False when this cannot be determined. */
  covers(other: ComparableTrigger): boolean {
    this.budget.spend(STEPS_PER_COMPARISON);
    return this.eventType === other.eventType && this.tests.every((test) => isCovered(test, other));
  }

  /** Whether every event that this trigger matches is matched by one of the others, each taking a part of its numbers. */
  isCoveredTogetherBy(others: readonly ComparableTrigger[]): boolean {
    return this.numbers.some((number) => {
      const parts = others.flatMap((other) => other.coveredApartFrom(number.dimension, this));
      return parts.length > 1 && number.isCoveredBy(parts);
    });
  }

  /** The test of one dimension's numbers, if this trigger covers another one in all others. */
  private coveredApartFrom(dimension: string, other: ComparableTrigger): ComparableNumber[] {
    const number = this.numbers.find((test) => test.dimension === dimension);
    if (!number || this.eventType !== other.eventType) return [];
    this.budget.spend(STEPS_PER_COMPARISON);
    return this.tests.every((test) => test === number || isCovered(test, other)) ? [number] : [];
  }
}

function isCovered(test: ComparableTest, inner: ComparableTrigger): boolean {
  return inner.tests.some((other) => other.dimension === test.dimension && test.covers(other));
}

function comparable(test: DimensionTest, languages: PatternLanguages, budget: StepBudget): ComparableTest {
  if (test instanceof ChoiceTest) return new ComparableChoice(test.dimension.id, test.choices, budget);
  if (test instanceof NumberTest) return ComparableNumber.of(test, budget);
  return new ComparableText(test, languages, budget);
}

class ComparableChoice implements ComparableTest {
  constructor(
    readonly dimension: string,
    private readonly choices: ReadonlySet<string>,
    private readonly budget: StepBudget,
  ) {}

  get form(): string {
    return JSON.stringify([this.dimension, ...[...this.choices].toSorted()]);
  }

  get traits(): Traits {
    return { exact: [...this.choices], substrings: [] };
  }

  get sample(): Sample {
    const [choice = ''] = this.choices;
    return { exact: [choice], text: '' };
  }

  covers(inner: ComparableTest): boolean {
    return inner instanceof ComparableChoice && isSubset(inner.choices, this.choices, this.budget);
  }

  *parts(): Generator<ComparableChoice> {
    if (this.choices.size < 2) return;
    for (const choice of this.choices)
      yield new ComparableChoice(this.dimension, new Set([choice]), this.budget);
  }
}
