/** String literals of PowerShell and of the POSIX shell for any text of a plan; protects against injection. */

/** Text that needs no escaping within single quotes in PowerShell. */
const SAFE_TEXT = /^[ -&(-~]*$/;

/**
 * ASCII JSON in single quotes, for ConvertFrom-Json. Windows PowerShell reads a script in the code page of the machine,
 * where other characters can turn into quotes; and it treats typographic quotes as quotes.
 */
function powershellJson(value: unknown): string {
  const json = JSON.stringify(value);
  const ascii = json.replaceAll(/[^ -~]|'/gu, unicodeEscape);
  return `'${ascii}'`;
}

/** A PowerShell expression that evaluates to the text. */
export function powershellLiteral(text: string): string {
  if (SAFE_TEXT.test(text)) return `'${text}'`;
  // An object, since PowerShell 7 enumerates arrays and 5.1 does not.
  return `(ConvertFrom-Json ${powershellJson({ text })}).text`;
}

function unicodeEscape(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}

/** The text as a single-quoted word of any POSIX shell. */
export function shellLiteral(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
