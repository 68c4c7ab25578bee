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
