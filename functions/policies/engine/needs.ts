/** What an event must have in one field to meet a trigger: what triggers are filed under. */
import { ChoiceTest, type DimensionTest, TextTest } from './conditions';
import type { Dimension } from './event-types';
import type { LazyPattern } from './patterns';
import { shortestUnits } from './required-factors';

/** One of some texts (folded), or one of some patterns that need no particular text. */
export interface TextNeed {
  readonly kind: 'text';
  readonly dimension: Dimension;
  /** Equal to the whole of it. */
  readonly wholes: readonly string[];
  /** Within it. */
  readonly parts: readonly string[];
  readonly patterns: readonly LazyPattern[];
}

/** A number that is not smaller than this. */
export interface NumberNeed {
  readonly kind: 'number';
  readonly dimension: Dimension;
  readonly least: number;
}

/** One of some fixed choices or drives. */
export interface ChoiceNeed {
  readonly kind: 'choice';
  readonly dimension: Dimension;
  readonly choices: ReadonlySet<string>;
}

export type Need = TextNeed | NumberNeed | ChoiceNeed;

/**
 * The need that fewest events can be expected to satisfy: the text whose shortest alternative is longest, else a
 * number, else a choice, else a pattern. Undefined when nothing can be said.
 */
export function needOf(tests: readonly DimensionTest[]): Need | undefined {
  const needs = tests.map(needOfTest).filter((need) => need !== undefined);
  return needs.toSorted((a, b) => selectivity(b) - selectivity(a))[0];
}

function needOfTest(test: DimensionTest): Need | undefined {
  const { dimension } = test;
  if (test instanceof TextTest) {
    return { kind: 'text', dimension, wholes: test.equals, parts: test.includes, patterns: test.matches };
  }
  if (test instanceof ChoiceTest) return { kind: 'choice', dimension, choices: test.choices };
  const least = Math.min(...test.ranges.map(({ low }) => low));
  return least > 0 ? { kind: 'number', dimension, least } : undefined;
}

function selectivity(need: Need): number {
  if (need.kind === 'text')
    return need.patterns.length > 0 ? -1 : shortestUnits([...need.wholes, ...need.parts]);
  return need.kind === 'number' ? 1 : 0;
}
