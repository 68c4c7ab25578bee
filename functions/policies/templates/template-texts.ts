/** Texts of templates: what other organisations are shown is to look like what it is. */
import { characters } from '../engine/texts';

/** Control characters, what turns the direction of writing, and halves of characters. */
const UNSEEN = String.raw`\p{Cc}\p{Surrogate}\u2028\u2029\u202a-\u202e\u2066-\u2069`;
const UNSEEN_ON_A_LINE = new RegExp(`[${UNSEEN}]`, 'u');
const UNSEEN_IN_LINES = new RegExp(String.raw`(?![\r\n\t])[${UNSEEN}]`, 'u');
const SEEN = /[\p{Letter}\p{Number}\p{Punctuation}\p{Symbol}]/u;

/** One line of at most so many characters, of which some can be seen. */
export function line(maximum: number) {
  return characters(maximum)
    .trim()
    .min(1)
    .refine((text) => !UNSEEN_ON_A_LINE.test(text), 'One line, without characters that cannot be seen')
    .refine((text) => text === '' || SEEN.test(text), 'Something that can be seen');
}

/** Lines of text of at most so many characters together. */
export function lines(maximum: number) {
  return characters(maximum).refine(
    (text) => !UNSEEN_IN_LINES.test(text),
    'Lines of text, without characters that cannot be seen',
  );
}

/** Cyrillic, Greek and other letters that look like the Latin ones of names that are to be protected. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '\u0441': 'c',
  '\u0501': 'd',
  '\u0435': 'e',
  '\u0261': 'g',
  '\u0456': 'i',
  '\u03b9': 'i',
  '\u0131': 'i',
  '\u043e': 'o',
  '\u03bf': 'o',
  '\u0455': 's',
  '\u03bd': 'v',
  '\u0475': 'v',
};

/** Whether a name can be taken for another one, or holds such a name: without spaces, marks, case, width and script. */
export function looksLike(name: string, other: string): boolean {
  return skeleton(name).includes(skeleton(other));
}

function skeleton(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
  return Array.from(letters, (letter) => LOOKALIKES[letter] ?? letter).join('');
}
