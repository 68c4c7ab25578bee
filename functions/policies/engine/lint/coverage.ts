/** Coverage: whether a scope or trigger accepts everything that another one accepts. */
import { type AddressRange, parseAddressRange } from '../../../../shared/pure/addresses';
import type { CompiledTrigger } from '../match/compiled-trigger';
import {
  ChoiceTest,
  type DimensionTest,
  type NumberRange,
  NumberTest,
  type TextTest,
} from '../match/conditions';
import { KEY_KINDS, keysOfScope } from '../match/scope-keys';
import type { Scope } from '../model/scope';
import type { StepBudget } from './step-budget';
import { SubstringFinder } from './substring-finder';

/** The cost of comparing two scopes or triggers, without their texts. */
const STEPS_PER_COMPARISON = 10;

/** A scope prepared for comparison with many others. */
export class ComparableScope {
  /** By kind; empty where the scope has no criteria. */
  readonly keys: readonly ReadonlySet<string>[];
  readonly ranges: readonly AddressRange[];

  constructor(
    scope: Scope,
    private readonly budget: StepBudget,
  ) {
    this.keys = KEY_KINDS.map((kind) => keysOfScope(kind, scope));
    this.ranges = (scope.clientAddresses ?? []).map(parseAddressRange);
  }

  /** Whether every session in the other scope is in this one. False when this cannot be determined from the criteria. */
  covers(other: ComparableScope): boolean {
    this.budget.spend(STEPS_PER_COMPARISON);
    return (
      this.keys.every((keys, kind) => {
        const others = other.keys[kind];
        return (
          keys.size === 0 || (others !== undefined && others.size > 0 && isSubset(others, keys, this.budget))
        );
      }) && this.coversRangesOf(other)
    );
  }

  private coversRangesOf(other: ComparableScope): boolean {
    if (this.ranges.length === 0) return true;
    return (
      other.ranges.length > 0 &&
      other.ranges.every((inner) => {
        this.budget.spend(this.ranges.length);
        return this.ranges.some((outer) => outer.first <= inner.first && inner.last <= outer.last);
      })
    );
  }
}

/** Whether `outer` contains all members of `inner`. */
export function isSubset(
  inner: ReadonlySet<string>,
  outer: ReadonlySet<string>,
  budget: StepBudget,
): boolean {
  budget.spend(1);
  if (inner.size > outer.size) return false;
  for (const key of inner) {
    budget.spend(1);
    if (!outer.has(key)) return false;
  }
  return true;
}

/** A trigger with its tests reduced to what no other value implies, so that equivalent triggers become equal. */
export class ComparableTrigger {
  readonly tests: readonly ComparableTest[];
  /** Equal for two triggers if and only if each covers the other. */
  readonly canonicalForm: string;

  constructor(
    readonly compiled: CompiledTrigger,
    private readonly budget: StepBudget,
  ) {
    this.tests = compiled.tests.map((test) => comparable(test, budget));
    this.canonicalForm = JSON.stringify([
      compiled.trigger.eventType,
      ...this.tests.map(({ form }) => form).toSorted(),
    ]);
  }

  /** Whether this trigger matches every event that the other one matches. False when this cannot be determined. */
  covers(other: ComparableTrigger): boolean {
    this.budget.spend(STEPS_PER_COMPARISON);
    return (
      this.compiled.trigger.eventType === other.compiled.trigger.eventType &&
      this.tests.every((test) =>
        other.tests.some((inner) => inner.dimension === test.dimension && test.covers(inner)),
      )
    );
  }
}

/** What a trigger and every trigger that covers it have in common: an equal trait, or a substring of a sample. */
interface Traits {
  readonly exact: readonly string[];
  /** Case-folded. */
  readonly substrings: readonly string[];
}

/** A value that a trigger accepts: a trigger that covers it has an equal exact trait or a substring of the text. */
export interface Sample {
  readonly exact: string;
  readonly text: string;
}

export type ComparableTest = ComparableText | ComparableChoice | ComparableNumber;

function comparable(test: DimensionTest, budget: StepBudget): ComparableTest {
  if (test instanceof ChoiceTest) return new ComparableChoice(test, budget);
  if (test instanceof NumberTest) return new ComparableNumber(test, budget);
  return new ComparableText(test, budget);
}

export class ComparableText {
  readonly dimension: string;
  /** Case-folded; none of them contains one of the substrings. */
  readonly exactTexts: ReadonlySet<string>;
  /** Case-folded; none of them contains another. */
  readonly substrings: readonly string[];
  /** Sources. */
  readonly patterns: ReadonlySet<string>;
  private readonly finder: SubstringFinder;

  constructor(
    { dimension, equals, includes, matches }: TextTest,
    private readonly budget: StepBudget,
  ) {
    this.dimension = dimension.id;
    this.finder = new SubstringFinder([...new Set(includes)], budget);
    this.substrings = this.finder.minimal();
    this.exactTexts = new Set(equals.filter((text) => !this.contains(text)));
    this.patterns = new Set(matches.map(({ source }) => source));
  }

  get form(): string {
    const sorted = [this.exactTexts, this.substrings, this.patterns].map((texts) => [...texts].toSorted());
    return JSON.stringify([this.dimension, ...sorted]);
  }

  /** Every test that this one covers has a sample with one of these. */
  get traits(): Traits {
    return {
      exact: [...prefixed('=', this.exactTexts), ...prefixed('~', this.patterns)],
      substrings: this.substrings,
    };
  }

  get sample(): Sample {
    const [pattern] = this.patterns;
    if (pattern !== undefined) return { exact: `~${pattern}`, text: '' };
    const [text] = this.exactTexts;
    return text === undefined ? { exact: '', text: this.substrings[0] ?? '' } : { exact: `=${text}`, text };
  }

  covers(inner: ComparableTest): boolean {
    if (!(inner instanceof ComparableText)) return false;
    return (
      isSubset(inner.patterns, this.patterns, this.budget) &&
      [...inner.exactTexts].every((text) => this.exactTexts.has(text) || this.contains(text)) &&
      inner.substrings.every((text) => this.contains(text))
    );
  }

  private contains(text: string): boolean {
    let contains = false;
    this.finder.find(text, () => (contains = true));
    return contains;
  }
}

function prefixed(prefix: string, texts: Iterable<string>): string[] {
  return Array.from(texts, (text) => prefix + text);
}

export class ComparableChoice {
  readonly dimension: string;
  readonly choices: ReadonlySet<string>;

  constructor(
    { dimension, choices }: ChoiceTest,
    private readonly budget: StepBudget,
  ) {
    this.dimension = dimension.id;
    this.choices = choices;
  }

  get form(): string {
    return JSON.stringify([this.dimension, ...[...this.choices].toSorted()]);
  }

  get traits(): Traits {
    return { exact: [...this.choices], substrings: [] };
  }

  get sample(): Sample {
    const [choice = ''] = this.choices;
    return { exact: choice, text: '' };
  }

  covers(inner: ComparableTest): boolean {
    return inner instanceof ComparableChoice && isSubset(inner.choices, this.choices, this.budget);
  }
}

export class ComparableNumber {
  readonly dimension: string;
  /** Ranges are not indexed by value. */
  readonly traits = undefined;
  readonly sample = undefined;
  /** None of them covers another. */
  readonly ranges: readonly NumberRange[];

  constructor(
    { dimension, ranges }: NumberTest,
    private readonly budget: StepBudget,
  ) {
    this.dimension = dimension.id;
    this.budget.spend(ranges.length ** 2);
    this.ranges = ranges.filter((range, position) =>
      ranges.every(
        (other, index) =>
          index === position || !rangeCovers(other, range) || (index > position && rangeCovers(range, other)),
      ),
    );
  }

  get form(): string {
    const forms = this.ranges.map(({ low, high, inclusive }) => `${low}:${high}:${inclusive}`);
    return JSON.stringify([this.dimension, ...forms.toSorted()]);
  }

  covers(inner: ComparableTest): boolean {
    if (!(inner instanceof ComparableNumber)) return false;
    this.budget.spend(this.ranges.length * inner.ranges.length);
    return inner.ranges.every((range) => this.ranges.some((other) => rangeCovers(other, range)));
  }
}

function rangeCovers(outer: NumberRange, inner: NumberRange): boolean {
  const open = !outer.inclusive && inner.inclusive;
  const low = open ? outer.low < inner.low : outer.low <= inner.low;
  const high = open ? outer.high > inner.high : outer.high >= inner.high;
  return low && high;
}
