/** Whether one scope or trigger takes everything that another could: what lint knows of shadowed rules. */
import { type AddressRange, parseAddressRange } from '../addresses';
import type { CompiledTrigger } from '../match/compiled-trigger';
import {
  ChoiceTest,
  type DimensionTest,
  type NumberRange,
  NumberTest,
  type TextTest,
} from '../match/conditions';
import type { Effort } from './step-budget';
import { PartFinder } from './substring-finder';
import type { Scope } from '../model/scope';
import { KEY_KINDS, keysOfScope } from '../match/scope-keys';

/** Of two scopes or triggers, without their texts. */
const EFFORT_OF_COMPARISON = 10;

/** A scope prepared to be compared with many others. */
export class ComparableScope {
  /** By kind; none where the scope is not restricted. */
  readonly keys: readonly ReadonlySet<string>[];
  readonly ranges: readonly AddressRange[];

  constructor(
    scope: Scope,
    private readonly effort: Effort,
  ) {
    this.keys = KEY_KINDS.map((kind) => keysOfScope(kind, scope));
    this.ranges = (scope.clientAddresses ?? []).map(parseAddressRange);
  }

  /** Whether every session in the other scope is in this one. False when that cannot be told from the criteria. */
  covers(other: ComparableScope): boolean {
    this.effort.spend(EFFORT_OF_COMPARISON);
    return (
      this.keys.every((keys, kind) => {
        const others = other.keys[kind];
        return (
          keys.size === 0 || (others !== undefined && others.size > 0 && isSubset(others, keys, this.effort))
        );
      }) && this.coversRangesOf(other)
    );
  }

  private coversRangesOf(other: ComparableScope): boolean {
    if (this.ranges.length === 0) return true;
    return (
      other.ranges.length > 0 &&
      other.ranges.every((inner) => {
        this.effort.spend(this.ranges.length);
        return this.ranges.some((outer) => outer.first <= inner.first && inner.last <= outer.last);
      })
    );
  }
}

/** Whether all of one set is in another. */
export function isSubset(inner: ReadonlySet<string>, outer: ReadonlySet<string>, effort: Effort): boolean {
  effort.spend(1);
  if (inner.size > outer.size) return false;
  for (const key of inner) {
    effort.spend(1);
    if (!outer.has(key)) return false;
  }
  return true;
}

/** The tests of a trigger without what is implied, so that triggers that the same events meet are the same. */
export class ComparableTrigger {
  readonly tests: readonly ComparableTest[];
  /** The same for two triggers if and only if each covers the other. */
  readonly canonicalForm: string;

  constructor(
    readonly compiled: CompiledTrigger,
    private readonly effort: Effort,
  ) {
    this.tests = compiled.tests.map((test) => comparable(test, effort));
    this.canonicalForm = JSON.stringify([
      compiled.trigger.eventType,
      ...this.tests.map(({ form }) => form).toSorted(),
    ]);
  }

  /** Whether every event that meets the other trigger meets this one. False when that cannot be told. */
  covers(other: ComparableTrigger): boolean {
    this.effort.spend(EFFORT_OF_COMPARISON);
    return (
      this.compiled.trigger.eventType === other.compiled.trigger.eventType &&
      this.tests.every((test) =>
        other.tests.some((inner) => inner.dimension === test.dimension && test.covers(inner)),
      )
    );
  }
}

/** What a trigger that covers another must have in common with it. */
interface Traits {
  readonly exact: readonly string[];
  /** Folded texts. */
  readonly parts: readonly string[];
}

/** One of the values that a trigger takes: another covers it only by an equal trait or by a part within the text. */
export interface Sample {
  readonly exact: string;
  readonly text: string;
}

export type ComparableTest = ComparableText | ComparableChoice | ComparableNumber;

function comparable(test: DimensionTest, effort: Effort): ComparableTest {
  if (test instanceof ChoiceTest) return new ComparableChoice(test, effort);
  if (test instanceof NumberTest) return new ComparableNumber(test, effort);
  return new ComparableText(test, effort);
}

export class ComparableText {
  readonly dimension: string;
  /** Folded; none of them contains a part. */
  readonly wholes: ReadonlySet<string>;
  /** Folded; none of them contains another. */
  readonly parts: readonly string[];
  /** Sources. */
  readonly patterns: ReadonlySet<string>;
  private readonly finder: PartFinder;

  constructor(
    { dimension, equals, includes, matches }: TextTest,
    private readonly effort: Effort,
  ) {
    this.dimension = dimension.id;
    this.finder = new PartFinder([...new Set(includes)], effort);
    this.parts = this.finder.least();
    this.wholes = new Set(equals.filter((text) => !this.contains(text)));
    this.patterns = new Set(matches.map(({ source }) => source));
  }

  get form(): string {
    const sorted = [this.wholes, this.parts, this.patterns].map((texts) => [...texts].toSorted());
    return JSON.stringify([this.dimension, ...sorted]);
  }

  /** Whatever this test covers has one of these. */
  get traits(): Traits {
    return { exact: [...prefixed('=', this.wholes), ...prefixed('~', this.patterns)], parts: this.parts };
  }

  get sample(): Sample {
    const [pattern] = this.patterns;
    if (pattern !== undefined) return { exact: `~${pattern}`, text: '' };
    const [whole] = this.wholes;
    return whole === undefined
      ? { exact: '', text: this.parts[0] ?? '' }
      : { exact: `=${whole}`, text: whole };
  }

  covers(inner: ComparableTest): boolean {
    if (!(inner instanceof ComparableText)) return false;
    return (
      isSubset(inner.patterns, this.patterns, this.effort) &&
      [...inner.wholes].every((text) => this.wholes.has(text) || this.contains(text)) &&
      inner.parts.every((text) => this.contains(text))
    );
  }

  private contains(text: string): boolean {
    let has = false;
    this.finder.find(text, () => (has = true));
    return has;
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
    private readonly effort: Effort,
  ) {
    this.dimension = dimension.id;
    this.choices = choices;
  }

  get form(): string {
    return JSON.stringify([this.dimension, ...[...this.choices].toSorted()]);
  }

  get traits(): Traits {
    return { exact: [...this.choices], parts: [] };
  }

  get sample(): Sample {
    const [choice = ''] = this.choices;
    return { exact: choice, text: '' };
  }

  covers(inner: ComparableTest): boolean {
    return inner instanceof ComparableChoice && isSubset(inner.choices, this.choices, this.effort);
  }
}

export class ComparableNumber {
  readonly dimension: string;
  /** Ranges have no values to be found by. */
  readonly traits = undefined;
  readonly sample = undefined;
  /** None of them covers another. */
  readonly ranges: readonly NumberRange[];

  constructor(
    { dimension, ranges }: NumberTest,
    private readonly effort: Effort,
  ) {
    this.dimension = dimension.id;
    this.effort.spend(ranges.length ** 2);
    this.ranges = ranges.filter((range, position) =>
      ranges.every(
        (other, place) =>
          place === position || !rangeCovers(other, range) || (place > position && rangeCovers(range, other)),
      ),
    );
  }

  get form(): string {
    const forms = this.ranges.map(({ low, high, inclusive }) => `${low}:${high}:${inclusive}`);
    return JSON.stringify([this.dimension, ...forms.toSorted()]);
  }

  covers(inner: ComparableTest): boolean {
    if (!(inner instanceof ComparableNumber)) return false;
    this.effort.spend(this.ranges.length * inner.ranges.length);
    return inner.ranges.every((range) => this.ranges.some((other) => rangeCovers(other, range)));
  }
}

function rangeCovers(outer: NumberRange, inner: NumberRange): boolean {
  const open = !outer.inclusive && inner.inclusive;
  const low = open ? outer.low < inner.low : outer.low <= inner.low;
  const high = open ? outer.high > inner.high : outer.high >= inner.high;
  return low && high;
}
