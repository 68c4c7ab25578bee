/** Patterns without repetition that is unbounded: V8's own engine, ten times quicker, runs them in linear time too. */

/** Ways to match from one place of a text that are tried at most: the bound of what backtracking can cost there. */
const MAX_CHOICES = 256;
const MAX_REPETITIONS = 64;

const TOKENS = {
  group: /\(\?:|\((?!\?)/y,
  place: /[$^]|\\b/y,
  atom: /\\[dw]|\\[^\w\s]|[^\\^$.*+?()[\]{}|]|\.|\[\^?-?(?:[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d|\\[dw]|\\[^\w\s]|[^\\[\]^-])+-?\]/y,
  quantifier: /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y,
};

/**
 * An expression that finds, in the lower-cased form of any ASCII text, what RE2 finds in the text ignoring case; or
 * undefined. Only tokens that mean the same to both engines are taken, only ASCII, and only characters and classes
 * repeated a bounded number of times. At the end of a pattern `x{2,}` is as good as `x{2}`.
 */
export function boundedExpression(pattern: string): RegExp | undefined {
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
  /** Of each open group, and of the whole. */
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
    } else if (take(TOKENS.place)) {
      native += source.slice(start, position);
    } else if (take(TOKENS.atom)) {
      const atom = source.slice(start, position);
      native += atom === '.' ? '[^\\n]' : atom.toLowerCase();
      const quantifier = take(TOKENS.quantifier);
      if (!quantifier) continue;
      const { least, most } = repetitions(quantifier);
      const isLast = position === source.length;
      if (least > MAX_REPETITIONS || (most > MAX_REPETITIONS && !isLast)) return undefined;
      native += isLast ? `{${least}}` : `{${least},${most}}`;
      choices *= isLast ? 1 : most - least + 1;
    } else return undefined;
  }
  return choices * (alternatives[0] ?? 1) <= MAX_CHOICES ? new RegExp(native) : undefined;
}

function repetitions([, sign, least, comma, most]: RegExpExecArray): { least: number; most: number } {
  if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
  return { least: Number(least), most: comma === '' ? Number(least) : Number(most || Infinity) };
}
