/** Schemas of the texts that administrators enter, in any script. */
import { z } from 'zod';

export const MAX_NAME_CHARACTERS = 200;
export const MAX_DESCRIPTION_CHARACTERS = 300;

/** A refinement: readers may reject a whole document because of an unpaired surrogate. */
export const wellFormed = [
  (text: string) => !/\p{Surrogate}/u.test(text),
  'Contains an unpaired surrogate: remove it or add the other half',
] as const;

/** A text of at most `maximum` characters (code points, not UTF-16 units: an emoji counts once). */
export function characters(maximum: number) {
  return z
    .string()
    .refine((text) => text.length <= maximum || [...text].length <= maximum, `At most ${maximum} characters`)
    .refine(...wellFormed)
    .meta({ maxLength: maximum });
}

/** Control characters, line and paragraph separators, bidirectional controls and unpaired surrogates. */
const INVISIBLE = String.raw`\p{Cc}\p{Surrogate}\u2028\u2029\u202a-\u202e\u2066-\u2069`;
const INVISIBLE_IN_LINE = new RegExp(`[${INVISIBLE}]`, 'u');
const INVISIBLE_IN_LINES = new RegExp(String.raw`(?![\r\n\t])[${INVISIBLE}]`, 'u');
const VISIBLE = /[\p{Letter}\p{Number}\p{Punctuation}\p{Symbol}]/u;
const REMOVE = 'remove control characters and bidirectional controls';

/**
 * One line of at most `maximum` characters, at least one of them visible, without characters that disguise the text.
 * Spaces at its ends are removed, and it is in Unicode's composed form (NFC), so that equal names compare as equal.
 */
export function line(maximum: number) {
  return lineOrEmpty(maximum).min(1, 'Must not be empty');
}

/** One line of at most `maximum` characters that is kept exactly as it was entered: for secrets and values of commands. */
export function exactLine(maximum: number) {
  return characters(maximum)
    .min(1, 'Must not be empty')
    .refine((text) => !INVISIBLE_IN_LINE.test(text), `Must be one line of text: ${REMOVE}`);
}

/** The same as `line`, possibly empty. */
export function lineOrEmpty(maximum: number) {
  return characters(maximum)
    .trim()
    .normalize('NFC')
    .refine((text) => !INVISIBLE_IN_LINE.test(text), `Must be one line of text: ${REMOVE}`)
    .refine((text) => text === '' || VISIBLE.test(text), 'Must contain a visible character');
}

/** Lines of text of at most `maximum` characters in total, possibly empty. */
export function lines(maximum: number) {
  return characters(maximum).refine(
    (text) => !INVISIBLE_IN_LINES.test(text),
    `Must be lines of text: ${REMOVE}`,
  );
}
