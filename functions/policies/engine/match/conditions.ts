/** Conditions of a trigger, ready to be tested against events. */
import {
  type Dimension,
  dimensionOf,
  eventType,
  type EventTypeId,
  type NumberDimension,
} from '../model/event-types';
import type { FoldedData } from './normalized-event';
import { groupBy } from '../../../../shared/pure/group-by';
import type { LazyPattern, Patterns } from '../text/pattern-cache';
import { foldDrive, foldText } from '../text/case-folding';
import type { Condition } from '../model/trigger';

/** All conditions on one dimension: one of them is enough. */
export type DimensionTest = TextTest | ChoiceTest | NumberTest;

/** The conditions of a trigger by dimension, the quickest to test first. All of them must hold. */
export function compileConditions(
  type: EventTypeId,
  conditions: readonly Condition[],
  patterns: Patterns,
): DimensionTest[] {
  return [...groupBy(conditions, (condition) => condition.dimension)]
    .map(([id, ofDimension]) => dimensionTest(requireDimension(type, id), ofDimension, patterns))
    .toSorted((a, b) => QUICKEST.indexOf(a.dimension.kind) - QUICKEST.indexOf(b.dimension.kind));
}

const QUICKEST: readonly Dimension['kind'][] = ['number', 'choice', 'drive', 'text'];

function requireDimension(type: EventTypeId, id: string): Dimension {
  const dimension = dimensionOf(eventType(type), id);
  if (!dimension) throw new RangeError(`${type} has no dimension ${id}`);
  return dimension;
}

function dimensionTest(
  dimension: Dimension,
  conditions: readonly Condition[],
  patterns: Patterns,
): DimensionTest {
  switch (dimension.kind) {
    case 'number':
      return new NumberTest(dimension, conditions);
    case 'text':
      return new TextTest(dimension, conditions, patterns);
    case 'choice':
    case 'drive':
      return new ChoiceTest(dimension, conditions);
  }
}

/** A text includes, equals or matches one of some values. */
export class TextTest {
  /** Folded. */
  readonly equals: readonly string[];
  /** Folded. */
  readonly includes: readonly string[];
  readonly matches: readonly LazyPattern[];

  constructor(
    readonly dimension: Dimension,
    readonly conditions: readonly Condition[],
    patterns: Patterns,
  ) {
    const equals: string[] = [];
    const includes: string[] = [];
    const matches: LazyPattern[] = [];
    for (const condition of conditions) {
      for (const value of textsOf(condition)) {
        if (condition.operator === 'matches') matches.push(patterns.of(value));
        else (condition.operator === 'equals' ? equals : includes).push(foldText(value));
      }
    }
    this.equals = equals;
    this.includes = includes;
    this.matches = matches;
  }

  holds(data: FoldedData): boolean {
    const text = data.text(this.dimension);
    if (text === undefined) return false;
    const folded = data.folded(this.dimension);
    for (const value of this.equals) if (folded === value) return true;
    for (const value of this.includes) if (folded.includes(value)) return true;
    for (const pattern of this.matches) if (pattern.occursIn(text, folded)) return true;
    return false;
  }
}

/** A fixed choice or a drive is one of some values. */
export class ChoiceTest {
  /** Folded; a drive by its letter. */
  readonly choices: ReadonlySet<string>;

  constructor(
    readonly dimension: Dimension,
    readonly conditions: readonly Condition[],
  ) {
    this.choices = new Set(conditions.flatMap(textsOf).map(foldDrive));
  }

  holds(data: FoldedData): boolean {
    const text = data.text(this.dimension);
    return text !== undefined && this.choices.has(foldDrive(text));
  }
}

/** A number is in one of some ranges, given in the unit of the event. */
export class NumberTest {
  readonly ranges: readonly NumberRange[];

  constructor(
    readonly dimension: NumberDimension,
    readonly conditions: readonly Condition[],
  ) {
    this.ranges = conditions.flatMap((condition) => rangesOf(condition, dimension.unitsPerLimit));
  }

  holds(data: FoldedData): boolean {
    const number = data.number(this.dimension);
    if (number === undefined) return false;
    for (const range of this.ranges) if (isIn(range, number)) return true;
    return false;
  }
}

/** From `low` to `high`; only *Between* includes its ends. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  readonly inclusive: boolean;
}

function rangesOf(condition: Condition, unitsPerLimit: number): NumberRange[] {
  switch (condition.operator) {
    case 'greaterThan':
      return [{ low: Math.min(...condition.values) * unitsPerLimit, high: Infinity, inclusive: false }];
    case 'smallerThan':
      return [{ low: -Infinity, high: Math.max(...condition.values) * unitsPerLimit, inclusive: false }];
    case 'between': {
      const { from, to } = condition;
      return [{ low: from * unitsPerLimit, high: to * unitsPerLimit, inclusive: true }];
    }
    default:
      return [];
  }
}

function isIn({ low, high, inclusive }: NumberRange, number: number): boolean {
  return inclusive ? number >= low && number <= high : number > low && number < high;
}

/** The values of a condition on texts; none of one on numbers. */
function textsOf(condition: Condition): readonly string[] {
  if (condition.operator === 'between') return [];
  return condition.values.filter((value) => typeof value === 'string');
}
