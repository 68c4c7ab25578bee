/** What an event must have in one field to meet a trigger: what triggers are filed under. */
import { ChoiceTest, type DimensionTest, TextTest } from './conditions';
import type { Dimension } from '../model/event-types';
import type { LazyPattern } from '../text/pattern-cache';
import { shortestUnits } from '../text/required-literals';

interface NeedOfTest {
  /** What else an event must satisfy that satisfies the need. */
  readonly rest: readonly DimensionTest[];
}

/** One of some texts (folded), or one of some patterns. */
export interface TextNeed extends NeedOfTest {
  readonly kind: 'text';
  readonly dimension: Dimension;
  /** Equal to the whole of it. */
  readonly wholes: readonly string[];
  /** Within it. */
  readonly parts: readonly string[];
  readonly patterns: readonly LazyPattern[];
}

/** A number that is not smaller than this. */
export interface NumberNeed extends NeedOfTest {
  readonly kind: 'number';
  readonly dimension: Dimension;
  readonly least: number;
}

/** One of some fixed choices or drives. */
export interface ChoiceNeed extends NeedOfTest {
  readonly kind: 'choice';
  readonly dimension: Dimension;
  readonly choices: ReadonlySet<string>;
}

export type Need = TextNeed | NumberNeed | ChoiceNeed;

/**
 * The need that fewest events can be expected to satisfy: the text whose shortest alternative is longest (of a pattern,
 * the text to look for), else a number, else a choice, else any pattern. Undefined when nothing can be said.
 */
export function needOf(tests: readonly DimensionTest[]): Need | undefined {
  let best: Need | undefined;
  for (const test of tests) {
    const need = needOfTest(test, tests);
    if (need && (!best || selectivity(need) > selectivity(best))) best = need;
  }
  return best;
}

function needOfTest(test: DimensionTest, tests: readonly DimensionTest[]): Need | undefined {
  const { dimension } = test;
  const rest = tests.length === 1 ? NOTHING : tests.filter((other) => other !== test);
  if (test instanceof TextTest) {
    return {
      kind: 'text',
      dimension,
      wholes: test.equals,
      parts: test.includes,
      patterns: test.matches,
      rest,
    };
  }
  if (test instanceof ChoiceTest) return { kind: 'choice', dimension, choices: test.choices, rest };
  const least = Math.min(...test.ranges.map(({ low }) => low));
  return least > 0 ? { kind: 'number', dimension, least, rest: tests } : undefined;
}

/** One for all, so that it is at hand. */
const NOTHING: readonly DimensionTest[] = [];

function selectivity(need: Need): number {
  if (need.kind !== 'text') return need.kind === 'number' ? 1 : 0;
  const texts = [...need.wholes, ...need.parts];
  for (const { bestFactor } of need.patterns) {
    if (!bestFactor) return -1;
    texts.push(...bestFactor);
  }
  return shortestUnits(texts);
}
