/** Detects patterns that match every line of text and therefore restrict nothing. */
import { compilePattern } from './pattern';

/** Every ASCII character except the line feed, and samples of other categories: few character classes contain all. */
const CHARACTERS = [
  ...Array.from({ length: 128 }, (_, unit) => String.fromCharCode(unit)).filter((unit) => unit !== '\n'),
  ...['\u0085', '\u00a0', '«', 'é', 'ß', 'ж', '表', 'ア', '٣', '\u0301', '\u200b', '￼', '😀'],
];

/** `^.*$` and its variants, which match from the start to the end of a line. */
const WHOLE_LINE = (() => {
  const anything = String.raw`(?:\.|\[\\s\\S\]|\[\\S\\s\]|\[\\w\\W\]|\[\\W\\w\]|\[\\d\\D\]|\[\\D\\d\])[*+]\??`;
  return new RegExp(
    String.raw`^(?:\(\?[is]+\))?(?:\^|\\A)(?:${anything}|\((?:\?:)?${anything}\))(?:\$|\\z)$`,
  );
})();

/**
 * Whether a pattern matches every non-empty text of one line. False when this cannot be determined.
 *
 * A pattern that matches a text of one character also matches wherever that character occurs, unless it tests its
 * surroundings. If it is anchored only at the start, it matches at every first character; likewise for the end.
 */
export function matchesEverything(pattern: string): boolean {
  if (WHOLE_LINE.test(pattern)) return true;
  const testsSurroundings = /\\b/i.test(pattern);
  const isAnchoredAtBothEnds = /\^|\\A/.test(pattern) && /\$|\\z/.test(pattern);
  if (testsSurroundings || isAnchoredAtBothEnds) return false;
  const compiled = compilePattern(pattern);
  return CHARACTERS.every((character) => compiled.occursIn(character));
}
