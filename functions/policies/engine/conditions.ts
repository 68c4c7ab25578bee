/** Conditions of a trigger, ready to be tested against events. */
import {
  type Dimension,
  dimensionOf,
  eventType,
  type EventTypeId,
  type NumberDimension,
} from './event-types';
import type { EventData } from './event';
import { groupBy } from './group-by';
import { compilePattern, foldDrive, foldText, type Pattern } from './text';
import type { Condition } from './trigger';

type Test<Value> = (value: Value) => boolean;

/** All conditions on one dimension: one of them is enough. */
export interface DimensionTest {
  readonly dimension: Dimension;
  readonly conditions: readonly Condition[];
  readonly holds: (data: EventData) => boolean;
}

/** The conditions of a trigger by dimension, the quickest to test first. All of them must hold. */
export function compileConditions(type: EventTypeId, conditions: readonly Condition[]): DimensionTest[] {
  const byDimension = groupBy(conditions, (condition) => condition.dimension);
  return [...byDimension]
    .map(([id, ofDimension]) => dimensionTest(requireDimension(type, id), ofDimension))
    .toSorted((a, b) => QUICKEST.indexOf(a.dimension.kind) - QUICKEST.indexOf(b.dimension.kind));
}

const QUICKEST: readonly Dimension['kind'][] = ['number', 'choice', 'drive', 'text'];

function requireDimension(type: EventTypeId, id: string): Dimension {
  const dimension = dimensionOf(eventType(type), id);
  if (!dimension) throw new RangeError(`${type} has no dimension ${id}`);
  return dimension;
}

function dimensionTest(dimension: Dimension, conditions: readonly Condition[]): DimensionTest {
  const { field } = dimension;
  if (dimension.kind === 'number') {
    const test = anyOf(conditions.map((condition) => numberTest(condition, dimension)));
    return {
      dimension,
      conditions,
      holds: (data) => {
        const value = data[field];
        return typeof value === 'number' && test(value);
      },
    };
  }
  const test = dimension.kind === 'text' ? textTest(conditions) : choiceTest(conditions);
  return {
    dimension,
    conditions,
    holds: (data) => {
      const value = data[field];
      return typeof value === 'string' && test(value);
    },
  };
}

function numberTest(condition: Condition, { unitsPerLimit }: NumberDimension): Test<number> {
  switch (condition.operator) {
    case 'greaterThan': {
      const limit = Math.min(...condition.values) * unitsPerLimit;
      return (value) => value > limit;
    }
    case 'smallerThan': {
      const limit = Math.max(...condition.values) * unitsPerLimit;
      return (value) => value < limit;
    }
    case 'between': {
      const from = condition.from * unitsPerLimit;
      const to = condition.to * unitsPerLimit;
      return (value) => value >= from && value <= to;
    }
    default:
      return never;
  }
}

/** Fixed choices and drives. */
function choiceTest(conditions: readonly Condition[]): Test<string> {
  const choices = new Set(textValues(conditions, 'equals').map(foldDrive));
  return (value) => choices.has(foldDrive(value));
}

function textTest(conditions: readonly Condition[]): Test<string> {
  const whole = new Set(textValues(conditions, 'equals').map(foldText));
  const parts = textValues(conditions, 'includes').map(foldText);
  const patterns = textValues(conditions, 'matches').map(compiledOnFirstUse);
  return (value) => {
    const folded = foldText(value);
    return (
      whole.has(folded) ||
      parts.some((part) => folded.includes(part)) ||
      patterns.some((pattern) => pattern().occursIn(value))
    );
  };
}

/** The values of all text conditions with one operator. */
export function textValues(conditions: readonly Condition[], operator: Condition['operator']): string[] {
  return conditions.flatMap((condition) =>
    condition.operator === operator && condition.operator !== 'between'
      ? condition.values.filter((value) => typeof value === 'string')
      : [],
  );
}

/** Compiling a pattern costs more than a hundred tests, and most are never needed. */
function compiledOnFirstUse(source: string): () => Pattern {
  let pattern: Pattern | undefined;
  return () => (pattern ??= compilePattern(source));
}

function anyOf<Value>(tests: readonly Test<Value>[]): Test<Value> {
  return (value) => tests.some((test) => test(value));
}

const never = () => false;
