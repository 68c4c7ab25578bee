/** The compiled program of a pattern, in a form that it can be analyzed in. */
import { RE2JS } from 're2js';
import { charactersThatFoldTo, foldText } from './case-folding';
import { normalizePattern } from './pattern';

/** Conditions on the position between two characters, as bits. */
export const BEGIN_LINE = 1;
export const END_LINE = 2;
export const BEGIN_TEXT = 4;
export const END_TEXT = 8;
export const WORD_BOUNDARY = 16;
export const NO_WORD_BOUNDARY = 32;

/** Code points as inclusive ranges: first, last, first, last, ... ascending. */
export type CharacterSet = ArrayLike<number>;

export type Instruction =
  | { readonly kind: 'either'; readonly next: number; readonly other: number }
  | { readonly kind: 'pass'; readonly next: number }
  /** Passes where all of the conditions hold. */
  | { readonly kind: 'assert'; readonly next: number; readonly conditions: number }
  /** Consumes a character of the set. */
  | { readonly kind: 'character'; readonly next: number; readonly set: CharacterSet }
  | { readonly kind: 'match' }
  | { readonly kind: 'fail' };

export interface PatternProgram {
  readonly start: number;
  readonly instructions: readonly Instruction[];
  /** About how much memory it takes, in numbers. */
  readonly size: number;
  /** Whether the pattern occurs in a text, which must be in NFC. */
  readonly occursIn: (text: string) => boolean;
}

/** The numbers of RE2's operations. */
const ALT = 1;
const ALT_MATCH = 2;
const CAPTURE = 3;
const EMPTY_WIDTH = 4;
const MATCH = 6;
const NOP = 7;
const RUNE = 8;
const RUNE1 = 9;
const RUNE_ANY = 10;
const RUNE_ANY_NOT_NL = 11;
const FAIL = 5;
const FOLD_CASE = 1;

const LAST_CODE_POINT = 0x10ffff;
const ANY: CharacterSet = [0, LAST_CODE_POINT];
const ANY_BUT_LINE_FEED: CharacterSet = [0, 9, 11, LAST_CODE_POINT];

/** An instruction as RE2JS has it. */
interface Compiled {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: ArrayLike<number>;
}

/** The program of a pattern that RE2 accepts, ignoring case; undefined when it uses an operation unknown here. */
export function programOf(source: string): PatternProgram | undefined {
  const expression = RE2JS.compile(normalizePattern(source), RE2JS.CASE_INSENSITIVE);
  const compiled: unknown = expression.re2().prog;
  if (!isProgram(compiled)) return undefined;
  const instructions: Instruction[] = [];
  for (const one of compiled.inst) {
    const instruction = instructionOf(one);
    if (!instruction) return undefined;
    instructions.push(instruction);
  }
  const size = instructions.reduce(
    (sum, one) => sum + 8 + (one.kind === 'character' ? one.set.length : 0),
    0,
  );
  return { start: compiled.start, instructions, size, occursIn: (text) => expression.test(text) };
}

function isProgram(given: unknown): given is { start: number; inst: readonly Compiled[] } {
  if (typeof given !== 'object' || given === null) return false;
  return 'start' in given && typeof given.start === 'number' && 'inst' in given && Array.isArray(given.inst);
}

function instructionOf({ op, out: next, arg, runes }: Compiled): Instruction | undefined {
  switch (op) {
    case ALT:
    case ALT_MATCH:
      return { kind: 'either', next, other: arg };
    case CAPTURE:
    case NOP:
      return { kind: 'pass', next };
    case EMPTY_WIDTH:
      return { kind: 'assert', next, conditions: arg };
    case MATCH:
      return { kind: 'match' };
    case FAIL:
      return { kind: 'fail' };
    case RUNE:
    case RUNE1:
      return { kind: 'character', next, set: setOf(runes, op === RUNE && (arg & FOLD_CASE) !== 0) };
    case RUNE_ANY:
      return { kind: 'character', next, set: ANY };
    case RUNE_ANY_NOT_NL:
      return { kind: 'character', next, set: ANY_BUT_LINE_FEED };
    default:
      return undefined;
  }
}

function setOf(runes: ArrayLike<number>, ignoresCase: boolean): CharacterSet {
  if (runes.length !== 1) return runes;
  const first = runes[0] ?? 0;
  if (!ignoresCase) return [first, first];
  const same = charactersThatFoldTo(foldText(String.fromCodePoint(first)));
  return same.length === 0 ? [first, first] : same.flatMap((one) => [one, one]);
}

/**
 * A shortest text that leads through the program when all assertions are taken to hold: the pattern occurs in it unless
 * an assertion fails. Undefined when no text does.
 */
export function shortestPath({ start, instructions }: PatternProgram): string | undefined {
  const texts = new Map([[start, '']]);
  let positions = [start];
  while (positions.length > 0) {
    const behind: number[] = [];
    // Grows while it is walked through: what takes no character is as near.
    for (let index = 0; index < positions.length; index++) {
      const position = positions[index] ?? start;
      const one = instructions[position];
      const text = texts.get(position) ?? '';
      if (one?.kind === 'match') return text;
      if (!one || one.kind === 'fail') continue;
      const isCharacter = one.kind === 'character';
      if (isCharacter && one.set.length === 0) continue;
      const next = isCharacter ? text + String.fromCodePoint(one.set[0] ?? 0) : text;
      for (const to of one.kind === 'either' ? [one.next, one.other] : [one.next]) {
        if (texts.has(to)) continue;
        texts.set(to, next);
        (isCharacter ? behind : positions).push(to);
      }
    }
    positions = behind;
  }
  return undefined;
}
