/** Which patterns a policy may have: valid ones, small enough alone and together (RSP-2). */
import { PatternError } from '../text/pattern';
import { MAX_PATTERN_INSTRUCTIONS, MAX_POLICY_INSTRUCTIONS, patternSize } from '../text/pattern-size';

const MAX_PATTERN_UNITS = 10_000;

/** Sizes of patterns, or why they are malformed: policies repeat them, across their rules and each time they are saved. */
const knownSizes = new Map<string, number | PatternError>();
const MAX_KNOWN_SIZES = 10_000;
const SHORT_PATTERN_UNITS = 200;

/** Why a pattern is refused and what to do about it, or undefined when it is accepted. */
export function problemOfPattern(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_UNITS) return `A pattern has at most ${MAX_PATTERN_UNITS} characters`;
  const size = sizeOf(pattern);
  if (size instanceof PatternError) return size.message;
  return size <= MAX_PATTERN_INSTRUCTIONS ? undefined : tooLarge(size);
}

/** Whether a pattern of a stored policy is larger than those that are accepted today. */
export function isPatternTooLarge(pattern: string): boolean {
  const size = sizeOf(pattern);
  return typeof size === 'number' && size > MAX_PATTERN_INSTRUCTIONS;
}

function tooLarge(size: number): string {
  return (
    `The pattern compiles to about ${size} instructions, more than the ${MAX_PATTERN_INSTRUCTIONS} that are allowed: ` +
    'a repetition such as {0,1000} counts once for each repetition, also within another one. ' +
    'Use * or + instead, lower the number, or split the pattern into several values'
  );
}

/** What a condition has to say about patterns; trigger.ts imports this file for its schema. */
type PatternCondition =
  | { operator: 'includes' | 'equals' | 'matches'; values: readonly string[] }
  | { operator: 'greaterThan' | 'smallerThan' | 'between' };
type Rules = readonly { triggers: readonly { conditions: readonly PatternCondition[] }[] }[];

/** Why the patterns of a policy are refused as a whole, or undefined when they are accepted. Malformed ones are not counted. */
export function problemOfPatterns(rules: Rules): string | undefined {
  const patterns = new Set<string>();
  for (const pattern of patternsOf(rules)) patterns.add(pattern);
  let total = 0;
  for (const pattern of patterns) {
    const size = sizeOf(pattern);
    if (typeof size === 'number') total += size;
    if (total > MAX_POLICY_INSTRUCTIONS)
      return (
        `The patterns of the policy together compile to more than the ${MAX_POLICY_INSTRUCTIONS} instructions that are ` +
        'allowed: replace patterns that are plain texts by includes or equals, and remove those that are not needed'
      );
  }
  return undefined;
}

function* patternsOf(rules: Rules): Generator<string> {
  for (const { triggers } of rules)
    for (const { conditions } of triggers)
      for (const condition of conditions) if (condition.operator === 'matches') yield* condition.values;
}

function sizeOf(pattern: string): number | PatternError {
  const known = knownSizes.get(pattern);
  if (known !== undefined) return known;
  const size = sizeOrError(pattern);
  if (knownSizes.size >= MAX_KNOWN_SIZES) knownSizes.clear();
  if (pattern.length <= SHORT_PATTERN_UNITS) knownSizes.set(pattern, size);
  return size;
}

function sizeOrError(pattern: string): number | PatternError {
  try {
    return patternSize(pattern);
  } catch (error) {
    if (error instanceof PatternError) return error;
    throw error;
  }
}
