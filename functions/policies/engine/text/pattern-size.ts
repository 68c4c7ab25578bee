/** How large the program of a pattern is: what bounds the time of a search, and the memory that it takes. */
import { compilePattern, PatternError } from './pattern';

/**
 * The most instructions that one pattern may compile to. A search takes at most about 4 ns per instruction and character:
 * a quarter of a second for this many in the longest text of an event. A list of 300 words compiles to about 2,000.
 */
export const MAX_PATTERN_INSTRUCTIONS = 2_000;

/**
 * The most instructions of all distinct patterns of a policy together: what they take when all are compiled, about 0.8 kB
 * each. A collection of 1,200 published detection rules has about 60,000.
 */
export const MAX_POLICY_INSTRUCTIONS = 200_000;

/** Patterns that are estimated to be this much larger than allowed are not even compiled. */
const ESTIMATE_TOLERANCE = 4;

/**
 * The number of instructions of a pattern's compiled program; an estimate if it is far beyond what is allowed, since
 * compiling it would take seconds and hundreds of megabytes.
 * @throws PatternError when the pattern is malformed
 */
export function patternSize(pattern: string): number {
  const estimate = estimatedSize(pattern);
  if (estimate <= ESTIMATE_TOLERANCE * MAX_PATTERN_INSTRUCTIONS) return compilePattern(pattern).size;
  try {
    // Only parses it: what is repeated zero times has no instructions.
    compilePattern(`(?:${pattern}){0}`);
  } catch (error) {
    if (!(error instanceof PatternError && error.code === 'too-large')) throw error;
  }
  return estimate;
}

/** Number of instructions so far: of the open group, and of the last atom in it, which a quantifier multiplies. */
interface Group {
  total: number;
  last: number;
}

const FLAGS = /\(\?[a-zA-Z-]*\)/y;
const OPEN = /\((?:\?(?:P?<[^>]*>|[a-zA-Z-]*:))?/y;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/y;
const QUOTED = /\\Q([^]*?)(?:\\E|$)/y;
const CLASS = /\[\^?\]?(?:\[:\^?[a-z]{1,9}:\]|\\[^]|[^\]\\])*\]/y;
const ATOM = /\\[pP]\{[^}]{0,99}\}|\\x\{[^}]{0,9}\}|\\x[^]{2}|\\?[^]/uy;

/**
 * About how many instructions a pattern compiles to, without compiling it: its repetitions written out. Of a malformed
 * pattern the part up to the mistake is counted.
 */
export function estimatedSize(pattern: string): number {
  const open: Group[] = [];
  let group: Group = { total: 1, last: 0 };
  let position = 0;
  const take = (token: RegExp): RegExpExecArray | null => {
    token.lastIndex = position;
    const match = token.exec(pattern);
    if (match) position = token.lastIndex;
    return match;
  };
  while (position < pattern.length) {
    const next = pattern[position];
    if (take(FLAGS)) group.last = 0;
    else if (take(OPEN)) {
      open.push(group);
      group = { total: 0, last: 0 };
    } else if (next === ')') {
      position += 1;
      const { total } = group;
      group = append(open.pop() ?? { total: 0, last: 0 }, total);
    } else if (next === '|') {
      position += 1;
      append(group, 1);
    } else if (next === '[') {
      if (!take(CLASS)) break;
      append(group, 1);
    } else {
      const quantifier = take(QUANTIFIER);
      if (quantifier) repeatLast(group, quantifier);
      else append(group, take(QUOTED)?.[1]?.length ?? (take(ATOM) ? 1 : 0));
    }
  }
  return [...open, group].reduce((sum, { total }) => sum + total, 0);
}

function append(group: Group, size: number): Group {
  group.total += size;
  group.last = size;
  return group;
}

function repeatLast(group: Group, [, min, comma, max]: RegExpExecArray): void {
  const { last } = group;
  const from = Number(min ?? 0);
  const to = comma === undefined ? from : Number(max || 0);
  // An optional copy has an instruction more than the copy itself.
  const repeated = min === undefined ? last + 1 : from * last + Math.max(0, to - from) * (last + 1);
  group.total += repeated - last;
  group.last = repeated;
}
