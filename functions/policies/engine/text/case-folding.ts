/** What it means for two texts to be equal, and for one to contain or match another. */
import { RE2JS, RE2JSException } from 're2js';

/**
 * Texts are compared by code point after Unicode normalisation (NFC) and **simple case folding** (the rows C and S
 * of Unicode's CaseFolding.txt), the rule that case-insensitive regular expressions follow too. Hence *Includes x* is
 * *Matches quote(x)* and *Equals x* is *Matches \A quote(x) \z*, whatever x. What follows from it:
 * - one character folds to one: `ß` equals `ẞ` but not `ss`; `İ` and `ı` equal only themselves (no Turkish rule);
 *   `σ`, `ς`, `Σ` are one letter, so are `k` and the Kelvin sign, `µ` and `μ`;
 * - an accent written as a combining mark equals the composed letter; `e` is not contained in `é`;
 * - full-width letters ignore case among themselves but are not the ASCII ones (that would be NFKC).
 */
export function foldText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.normalize('NFC').replace(CASED_OR_ASCII_UPPER, foldCharacter);
}

/** Whether folding the text is only lower-casing it. */
export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

// Native expressions of one class each: they cannot backtrack.
const NOT_ASCII = /[^\0-\x7f]/;
const CASED_OR_ASCII_UPPER = /[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/gu;

/** Where folding by upper then lower case (what JavaScript offers) differs from CaseFolding.txt. */
const EXCEPTIONS = new Map([
  ['ı', 'ı'],
  ['İ', 'İ'],
  ['ﬅ', 'ﬆ'],
]);

/** The representative of all characters that are equal to this one but for their case. */
function foldCharacter(character: string): string {
  const exception = EXCEPTIONS.get(character);
  if (exception !== undefined) return exception;
  const upper = onlyIfOne(character.toUpperCase(), character);
  return onlyIfOne(upper.toLowerCase(), upper);
}

function onlyIfOne(mapped: string, otherwise: string): string {
  const length = (mapped.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
  return mapped.length === length ? mapped : otherwise;
}

/**
 * A pattern ready to search texts, in time linear in their length (RE2's method: no backtracking).
 * Throws `PatternError` with the reason when the pattern cannot be run, as with back-references and look-around.
 */
export function compilePattern(pattern: string): Pattern {
  try {
    return new Pattern(RE2JS.compile(normalizePattern(pattern), RE2JS.CASE_INSENSITIVE));
  } catch (error) {
    if (error instanceof RE2JSException) throw new PatternError(reasonOf(pattern, error), { cause: error });
    throw error;
  }
}

/** The pattern in NFC, but for its escapes: the `A` of `\A` does not merge with a mark that follows. */
export function normalizePattern(pattern: string): string {
  return pattern.replace(/\\[^]|[^\\]+/g, (part) => (part.startsWith('\\') ? part : part.normalize('NFC')));
}

export class Pattern {
  constructor(private readonly expression: RE2JS) {}

  /** Whether the pattern occurs anywhere in the text. */
  occursIn(text: string): boolean {
    return this.expression.test(isAscii(text) ? text : text.normalize('NFC'));
  }
}

/** A regular expression that this service does not run. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Says what to leave out where the engine only names the piece that it stumbled over. */
function reasonOf(pattern: string, error: RE2JSException): string {
  if (/\(\?(=|!|<=|<!)/.test(pattern))
    return 'Look-ahead and look-behind cannot run in linear time: write the pattern without them';
  if (/invalid escape sequence: `\\(\d|k)/.test(error.message))
    return 'Back-references cannot run in linear time: write the pattern without them';
  return error.message.replace(/^error parsing regexp: /, '').replaceAll('(?i)', '');
}

/** `D`, `D:`, `d:\` and `d:/` as `d`; any other text folded as it is. */
export function foldDrive(text: string): string {
  const folded = foldText(text);
  return DRIVE.test(folded) ? folded.charAt(0) : folded;
}

const DRIVE = /^[a-z](:[\\/]?)?$/;

/** Whether the text names a drive by its letter. */
export function isDrive(text: string): boolean {
  return DRIVE.test(foldText(text));
}
