/** Fields of a site plan whose errors say what to give: the validator's own texts would not. */
import { z } from 'zod';

/** A text. `what` completes "Give …", such as `a description`; lengths in characters. */
export function text(what: string, maxLength: number, minLength = 0) {
  const limits =
    minLength > 0
      ? `of ${minLength} to ${maxLength.toLocaleString('en')}`
      : `of at most ${maxLength.toLocaleString('en')}`;
  const message = `Give ${what} ${limits} characters.`;
  return z.string(`Give ${what}.`).min(minLength, message).max(maxLength, message);
}

/** True or false. */
export const yesOrNo = z.boolean('Give true or false.');

/** One of the options, which the error lists. */
export function oneOf<const T extends readonly [string, ...string[]]>(options: T) {
  return z.enum(options, `Choose one of ${options.join(', ')}.`);
}
