/** What an event must have in one field to meet a trigger: what triggers are filed under. */
import { ChoiceTest, type DimensionTest, NumberTest, type TextTest } from './conditions';
import { bestFactor, shortestUnits } from './required-factors';

/** Shorter texts are in too many values to be worth looking for. */
const MIN_TEXT_UNITS = 2;

/** One of some texts (folded) anywhere in the field. */
export interface TextNeed {
  readonly kind: 'text';
  readonly field: string;
  readonly texts: readonly string[];
}

/** A number that is not smaller than this. */
export interface NumberNeed {
  readonly kind: 'number';
  readonly field: string;
  readonly least: number;
}

/** One of some fixed choices or drives. */
export interface ChoiceNeed {
  readonly kind: 'choice';
  readonly field: string;
  readonly choices: ReadonlySet<string>;
}

export type Need = TextNeed | NumberNeed | ChoiceNeed;

/**
 * The need that fewest events can be expected to satisfy: the text whose shortest alternative is longest, else a
 * number, else a choice. Undefined when nothing can be said.
 */
export function needOf(tests: readonly DimensionTest[]): Need | undefined {
  const needs = tests.map(needOfTest).filter((need) => need !== undefined);
  return needs.toSorted((a, b) => selectivity(b) - selectivity(a))[0];
}

function needOfTest(test: DimensionTest): Need | undefined {
  const { field } = test.dimension;
  if (test instanceof ChoiceTest) return { kind: 'choice', field, choices: test.choices };
  if (test instanceof NumberTest) {
    const least = Math.min(...test.ranges.map(({ low }) => low));
    return least > 0 ? { kind: 'number', field, least } : undefined;
  }
  const texts = requiredTexts(test);
  return texts && shortestUnits(texts) >= MIN_TEXT_UNITS ? { kind: 'text', field, texts } : undefined;
}

function selectivity(need: Need): number {
  if (need.kind === 'text') return shortestUnits(need.texts);
  return need.kind === 'number' ? 1 : 0;
}

/** Texts of which a value must have one for the test to hold; undefined when there is no such list. */
function requiredTexts({ equals, includes, matches }: TextTest): readonly string[] | undefined {
  const texts = [...equals, ...includes];
  for (const pattern of matches) {
    const factor = bestFactor(pattern.factors);
    if (!factor) return undefined;
    texts.push(...factor);
  }
  return texts;
}
