/** The predicate on one field by which a trigger is indexed: every event that the trigger matches satisfies it. */
import type { Dimension } from '../model/event-types';
import type { LazyPattern } from '../text/pattern-cache';
import { shortestUnits } from '../text/required-literals';
import { ChoiceTest, type DimensionTest, TextTest } from './conditions';

interface PredicateBase {
  /** The tests of the trigger that remain for an event that satisfies the predicate. */
  readonly residualTests: readonly DimensionTest[];
}

/** The field equals, contains or matches one of some values. */
export interface TextPredicate extends PredicateBase {
  readonly kind: 'text';
  readonly dimension: Dimension;
  /** Case-folded. */
  readonly exactTexts: readonly string[];
  /** Case-folded. */
  readonly substrings: readonly string[];
  readonly patterns: readonly LazyPattern[];
}

/** The field is a number of at least `min`. */
export interface NumberPredicate extends PredicateBase {
  readonly kind: 'number';
  readonly dimension: Dimension;
  readonly min: number;
}

/** The field is one of some fixed choices or drives. */
export interface ChoicePredicate extends PredicateBase {
  readonly kind: 'choice';
  readonly dimension: Dimension;
  readonly choices: ReadonlySet<string>;
}

export type IndexPredicate = TextPredicate | NumberPredicate | ChoicePredicate;

/**
 * The most selective predicate of a trigger: the text whose shortest alternative is longest (for a pattern, its index
 * literals), else a number, else a choice, else any pattern. Undefined when the trigger has no usable test.
 */
export function indexPredicateOf(tests: readonly DimensionTest[]): IndexPredicate | undefined {
  let best: IndexPredicate | undefined;
  for (const test of tests) {
    const predicate = predicateOf(test, tests);
    if (predicate && (!best || selectivity(predicate) > selectivity(best))) best = predicate;
  }
  return best;
}

function predicateOf(test: DimensionTest, tests: readonly DimensionTest[]): IndexPredicate | undefined {
  const { dimension } = test;
  const residualTests = tests.length === 1 ? NONE : tests.filter((other) => other !== test);
  if (test instanceof TextTest) {
    return {
      kind: 'text',
      dimension,
      exactTexts: test.equals,
      substrings: test.includes,
      patterns: test.matches,
      residualTests,
    };
  }
  if (test instanceof ChoiceTest) return { kind: 'choice', dimension, choices: test.choices, residualTests };
  const min = Math.min(...test.ranges.map(({ low }) => low));
  return min > 0 ? { kind: 'number', dimension, min, residualTests: tests } : undefined;
}

/** Shared, for locality of memory. */
const NONE: readonly DimensionTest[] = [];

function selectivity(predicate: IndexPredicate): number {
  if (predicate.kind !== 'text') return predicate.kind === 'number' ? 1 : 0;
  const texts = [...predicate.exactTexts, ...predicate.substrings];
  for (const { indexLiterals } of predicate.patterns) {
    if (!indexLiterals) return -1;
    texts.push(...indexLiterals);
  }
  return shortestUnits(texts);
}
