/** The conditions of a trigger, prepared to be tested against events. */
import { groupBy } from '../../../../shared/pure/group-by';
import {
  type Dimension,
  dimensionOf,
  eventType,
  type EventTypeId,
  type NumberDimension,
} from '../model/event-types';
import type { Condition } from '../model/trigger';
import { foldText } from '../text/case-folding';
import { foldDrive } from '../text/drive-letter';
import type { LazyPattern, PatternCache } from '../text/pattern-cache';
import type { NormalizedEvent } from './normalized-event';

/** All conditions on one dimension, of which one must hold. */
export type DimensionTest = TextTest | ChoiceTest | NumberTest;

/** The conditions of a trigger by dimension, cheapest test first. All tests must hold. */
export function compileConditions(
  type: EventTypeId,
  conditions: readonly Condition[],
  patterns: PatternCache,
): DimensionTest[] {
  return [...groupBy(conditions, (condition) => condition.dimension)]
    .map(([id, ofDimension]) => dimensionTest(requireDimension(type, id), ofDimension, patterns))
    .toSorted((a, b) => CHEAPEST_FIRST.indexOf(a.dimension.kind) - CHEAPEST_FIRST.indexOf(b.dimension.kind));
}

const CHEAPEST_FIRST: readonly Dimension['kind'][] = ['number', 'choice', 'drive', 'text'];

function requireDimension(type: EventTypeId, id: string): Dimension {
  const dimension = dimensionOf(eventType(type), id);
  if (!dimension) throw new RangeError(`${type} has no dimension ${id}`);
  return dimension;
}

function dimensionTest(
  dimension: Dimension,
  conditions: readonly Condition[],
  patterns: PatternCache,
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

/** The text includes, equals or matches one of some values. */
export class TextTest {
  /** Case-folded. */
  readonly equals: readonly string[];
  /** Case-folded. */
  readonly includes: readonly string[];
  readonly matches: readonly LazyPattern[];

  constructor(
    readonly dimension: Dimension,
    readonly conditions: readonly Condition[],
    patterns: PatternCache,
  ) {
    const equals: string[] = [];
    const includes: string[] = [];
    const matches: LazyPattern[] = [];
    for (const condition of conditions) {
      for (const value of textsOf(condition)) {
        if (condition.operator === 'matches') matches.push(patterns.get(value));
        else (condition.operator === 'equals' ? equals : includes).push(foldText(value));
      }
    }
    this.equals = equals;
    this.includes = includes;
    this.matches = matches;
  }

  holds(event: NormalizedEvent): boolean {
    const text = event.text(this.dimension);
    if (text === undefined) return false;
    const folded = event.folded(this.dimension);
    for (const value of this.equals) if (folded === value) return true;
    for (const value of this.includes) if (folded.includes(value)) return true;
    for (const pattern of this.matches) if (pattern.occursIn(text, folded, event.patternSteps)) return true;
    return false;
  }
}

/** The fixed choice or drive is one of some values. */
export class ChoiceTest {
  /** Case-folded; drives by their letter. */
  readonly choices: ReadonlySet<string>;

  constructor(
    readonly dimension: Dimension,
    readonly conditions: readonly Condition[],
  ) {
    this.choices = new Set(conditions.flatMap(textsOf).map(foldDrive));
  }

  holds(event: NormalizedEvent): boolean {
    const text = event.text(this.dimension);
    return text !== undefined && this.choices.has(foldDrive(text));
  }
}

/** The number is in one of some ranges, in the unit of the event. */
export class NumberTest {
  readonly ranges: readonly NumberRange[];

  constructor(
    readonly dimension: NumberDimension,
    readonly conditions: readonly Condition[],
  ) {
    this.ranges = conditions.flatMap((condition) => rangesOf(condition, dimension.unitsPerLimit));
  }

  holds(event: NormalizedEvent): boolean {
    const number = event.number(this.dimension);
    if (number === undefined) return false;
    for (const range of this.ranges) if (isIn(range, number)) return true;
    return false;
  }
}

/** From `low` to `high`; only *Between* includes its limits. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  readonly inclusive: boolean;
}

/** A limit in the unit of events, exactly: in binary numbers 4.35 hours would be less than 15,660 seconds. */
function inEventUnits(limit: number, unitsPerLimit: number): number {
  const [decimal = '', exponent = '0'] = String(limit).split('e');
  const [whole = '', fraction = ''] = decimal.split('.');
  const digits = BigInt(whole + fraction) * BigInt(unitsPerLimit);
  return Number(`${digits}e${Number(exponent) - fraction.length}`);
}

function rangesOf(condition: Condition, unitsPerLimit: number): NumberRange[] {
  switch (condition.operator) {
    case 'greaterThan':
      return [
        { low: inEventUnits(Math.min(...condition.values), unitsPerLimit), high: Infinity, inclusive: false },
      ];
    case 'smallerThan':
      return [
        {
          low: -Infinity,
          high: inEventUnits(Math.max(...condition.values), unitsPerLimit),
          inclusive: false,
        },
      ];
    case 'between': {
      const { from, to } = condition;
      const [low, high] = [inEventUnits(from, unitsPerLimit), inEventUnits(to, unitsPerLimit)];
      return [{ low, high, inclusive: true }];
    }
    default:
      return [];
  }
}

function isIn({ low, high, inclusive }: NumberRange, number: number): boolean {
  return inclusive ? number >= low && number <= high : number > low && number < high;
}

/** The values of a text condition; none for a number condition. */
function textsOf(condition: Condition): readonly string[] {
  if (condition.operator === 'between') return [];
  return condition.values.filter((value) => typeof value === 'string');
}
