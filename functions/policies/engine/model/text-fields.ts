/** Texts that administrators write into policies, in any script. */
import { z } from 'zod';

export const MAX_NAME_CHARACTERS = 200;
export const MAX_DESCRIPTION_CHARACTERS = 300;

/** A refinement: whoever reads half of a surrogate pair may refuse all that it came with. */
export const wellFormed = [
  (text: string) => !/\p{Surrogate}/u.test(text),
  'Half of a surrogate pair is no character: leave it out, or give both halves',
] as const;

/** A text of at most so many characters, as people count them: an emoji is one, not two. */
export function characters(maximum: number) {
  return z
    .string()
    .refine((text) => text.length <= maximum || [...text].length <= maximum, `At most ${maximum} characters`)
    .refine(...wellFormed)
    .meta({ maxLength: maximum });
}

/** Control characters, what turns the direction of writing, and halves of characters. */
const UNSEEN = String.raw`\p{Cc}\p{Surrogate}\u2028\u2029\u202a-\u202e\u2066-\u2069`;
const UNSEEN_ON_A_LINE = new RegExp(`[${UNSEEN}]`, 'u');
const UNSEEN_IN_LINES = new RegExp(String.raw`(?![\r\n\t])[${UNSEEN}]`, 'u');
const SEEN = /[\p{Letter}\p{Number}\p{Punctuation}\p{Symbol}]/u;
const LEAVE_OUT = 'leave out control characters and what turns the direction of writing';

/** One line of at most so many characters, of which some can be seen: what others are shown is to look like what it is. */
export function line(maximum: number) {
  return characters(maximum)
    .trim()
    .min(1, 'It is empty: give a text')
    .refine((text) => !UNSEEN_ON_A_LINE.test(text), `Give one line: ${LEAVE_OUT}`)
    .refine((text) => text === '' || SEEN.test(text), 'Give a text that can be seen');
}

/** Lines of text of at most so many characters together. */
export function lines(maximum: number) {
  return characters(maximum).refine(
    (text) => !UNSEEN_IN_LINES.test(text),
    `Give lines of text: ${LEAVE_OUT}`,
  );
}
