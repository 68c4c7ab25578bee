/** Case-insensitive comparison of texts: Unicode simple case folding after NFC normalisation. */

/**
 * The form in which two texts are equal if they differ only in case. Texts are compared by code point after NFC
 * normalisation and **simple case folding** (rows C and S of Unicode's CaseFolding.txt), as case-insensitive regular
 * expressions do. Hence *Includes x* is *Matches quote(x)* and *Equals x* is *Matches \A quote(x) \z*, for every x.
 * Consequences:
 * - one character folds to one: `ß` equals `ẞ` but not `ss`; `İ` and `ı` equal only themselves (no Turkish rule);
 *   `σ`, `ς`, `Σ` are equal, so are `k` and the Kelvin sign, `µ` and `μ`;
 * - an accent written as a combining mark equals the composed letter; `é` does not contain `e`;
 * - full-width letters fold among themselves but do not equal the ASCII ones (that would be NFKC).
 */
export function foldText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.normalize('NFC').replace(CASED_OR_ASCII_UPPER, foldCharacter);
}

/** Whether folding the text only means converting it to lower case. */
export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

// Native expressions of one class each: they cannot backtrack.
const NOT_ASCII = /[^\0-\x7f]/;
const CASED_OR_ASCII_UPPER = /[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/gu;
const ANY_CASED = /^[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/u;

/** Where converting to upper and then to lower case (what JavaScript offers) differs from CaseFolding.txt. */
const EXCEPTIONS = new Map([
  ['ı', 'ı'],
  ['İ', 'İ'],
  ['ﬅ', 'ﬆ'],
]);

/** The representative of all characters that differ from this one only in case. */
function foldCharacter(character: string): string {
  const exception = EXCEPTIONS.get(character);
  if (exception !== undefined) return exception;
  const upper = singleCharacterOr(character.toUpperCase(), character);
  return singleCharacterOr(upper.toLowerCase(), upper);
}

function singleCharacterOr(mapped: string, fallback: string): string {
  const length = (mapped.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
  return mapped.length === length ? mapped : fallback;
}

const LAST_CASED = 0x1ffff;
let byFolded: Map<string, number[]> | undefined;

/** The code points of all characters, ascending, that differ from a folded one only in case; none if it has no case. */
export function charactersThatFoldTo(folded: string): readonly number[] {
  if (!byFolded) {
    byFolded = new Map();
    for (let code = 0; code <= LAST_CASED; code++) {
      const character = String.fromCodePoint(code);
      if (!ANY_CASED.test(character)) continue;
      const key = foldCharacter(character);
      const same = byFolded.get(key);
      if (same) same.push(code);
      else byFolded.set(key, [code]);
    }
  }
  return byFolded.get(folded) ?? [];
}
