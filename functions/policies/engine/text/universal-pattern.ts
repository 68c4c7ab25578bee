/** Tells patterns that are found in every line of text, and so say nothing. */
import { compilePattern } from './case-folding';

/** Every character of ASCII but the line feed, and some of other kinds: hardly a class of characters has them all. */
const CHARACTERS = [
  ...Array.from({ length: 128 }, (_, unit) => String.fromCharCode(unit)).filter((unit) => unit !== '\n'),
  ...['\u0085', '\u00a0', '«', 'é', 'ß', 'ж', '表', 'ア', '٣', '\u0301', '\u200b', '￼', '😀'],
];

/** `^.*$` and its like: they match up to the end what they match from the start on. */
const WHOLE_LINE = (() => {
  const anything = String.raw`(?:\.|\[\\s\\S\]|\[\\S\\s\]|\[\\w\\W\]|\[\\W\\w\]|\[\\d\\D\]|\[\\D\\d\])[*+]\??`;
  return new RegExp(
    String.raw`^(?:\(\?[is]+\))?(?:\^|\\A)(?:${anything}|\((?:\?:)?${anything}\))(?:\$|\\z)$`,
  );
})();

/**
 * Whether a pattern occurs in every text of one line that is not empty. False when that cannot be told.
 *
 * What is found in a text of one character is found wherever the character is, unless the pattern also looks at what is
 * around it. When it looks for the start only, it is found at every first character; likewise for the end.
 */
export function matchesEverything(pattern: string): boolean {
  if (WHOLE_LINE.test(pattern)) return true;
  const looksAround = /\\b/i.test(pattern);
  const looksForBothEnds = /\^|\\A/.test(pattern) && /\$|\\z/.test(pattern);
  if (looksAround || looksForBothEnds) return false;
  const compiled = compilePattern(pattern);
  return CHARACTERS.every((character) => compiled.occursIn(character));
}
