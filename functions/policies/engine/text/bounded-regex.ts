/** Patterns that V8's own regex engine, ten times faster, may run too, on texts short enough to bound backtracking. */

/** Paths that backtracking may try over all start positions of a text: hundredths of a millisecond. */
const MAX_PATHS = 2 ** 13;
const MAX_REPETITIONS = 64;
/** A pattern that may run only on shorter texts is not worth compiling twice. */
const MIN_TEXT_UNITS = 32;

export interface BoundedRegex {
  readonly expression: RegExp;
  /** In UTF-16 units. On longer texts the cost is not bounded. */
  readonly maxTextUnits: number;
}

const TOKENS = {
  group: /\(\?:|\((?!\?)/y,
  assertion: /[$^]|\\b/y,
  atom: /\\[dw]|\\[^\w\s]|[^\\^$.*+?()[\]{}|]|\.|\[\^?-?(?:[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d|\\[dw]|\\[^\w\s]|[^\\[\]^-])+-?\]/y,
  quantifier: /(?:([*+?])|\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\})\??/y,
};

/**
 * An expression that matches the lower-case form of an ASCII text of at most `maxTextUnits` exactly when RE2 matches the
 * text ignoring case; or undefined. Supported are only tokens with the same meaning in both engines, only ASCII, and
 * quantifiers only on single characters and classes. At the end of a pattern `x{2,}` is equivalent to `x{2}`.
 */
export function boundedRegex(pattern: string): BoundedRegex | undefined {
  if (!/^[ -~]*$/.test(pattern)) return undefined;
  const source = pattern.replace(/^\(\?i\)/, '');
  let position = 0;
  const take = (token: RegExp) => {
    token.lastIndex = position;
    const match = token.exec(source);
    if (match) position = token.lastIndex;
    return match;
  };
  let native = '';
  let choices = 1;
  let unbounded = 0;
  /** Counts for each open group, the first for the whole pattern. */
  const alternatives = [1];
  while (position < source.length) {
    const start = position;
    if (take(TOKENS.group)) {
      alternatives.push(1);
      native += '(?:';
    } else if (take(/\|/y)) {
      alternatives.push((alternatives.pop() ?? 0) + 1);
      native += '|';
    } else if (take(/\)/y)) {
      choices *= alternatives.pop() ?? 1;
      native += ')';
    } else if (take(TOKENS.assertion)) {
      native += source.slice(start, position);
    } else if (take(TOKENS.atom)) {
      const atom = source.slice(start, position);
      native += atom === '.' ? '[^\\n]' : atom.toLowerCase();
      const quantifier = take(TOKENS.quantifier);
      if (!quantifier) continue;
      const { min, max } = repetitions(quantifier);
      const isLast = position === source.length;
      if (min > MAX_REPETITIONS) return undefined;
      if (isLast) native += `{${min}}`;
      else if (max === Infinity) {
        native += `{${min},}`;
        unbounded += 1;
      } else if (max <= MAX_REPETITIONS) {
        native += `{${min},${max}}`;
        choices *= max - min + 1;
      } else return undefined;
    } else return undefined;
  }
  const branches = alternatives[0] ?? 1;
  const hasOneStart = native.startsWith('^') && branches === 1;
  const maxTextUnits = maxTextUnitsOf({ choices: choices * branches, unbounded, hasOneStart });
  return maxTextUnits < MIN_TEXT_UNITS ? undefined : { expression: new RegExp(native), maxTextUnits };
}

/** The longest text: a match may start, and each unbounded repetition may end, at any unit or after the last. */
function maxTextUnitsOf(pattern: { choices: number; unbounded: number; hasOneStart: boolean }): number {
  const { choices, unbounded, hasOneStart } = pattern;
  const freePositions = unbounded + (hasOneStart ? 0 : 1);
  return Math.floor((MAX_PATHS / choices) ** (1 / freePositions)) - 1;
}

function repetitions([, sign, min, comma, max]: RegExpExecArray): { min: number; max: number } {
  if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
  return { min: Number(min), max: comma === undefined ? Number(min) : Number(max ?? Infinity) };
}
