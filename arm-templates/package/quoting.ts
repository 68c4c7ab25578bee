/** Texts of a plan as literals of PowerShell and of the POSIX shell: whatever they hold, they stay texts. */

/** What stands for itself in JSON within a PowerShell literal in single quotes; all else is escaped. */
const HARMLESS = /[^A-Za-z0-9 .,:;_/()@=+-]/gu;

/**
 * JSON of ASCII alone in a literal in single quotes, for ConvertFrom-Json. A script is read by Windows PowerShell in
 * the code page of the machine, where other letters can turn into quotes; and it takes typographic quotes for quotes.
 */
function powershellJson(value: unknown): string {
  const json = JSON.stringify(value);
  const ascii = json.replaceAll(/[^ -~]|'/gu, escaped);
  return `'${ascii}'`;
}

/** A text as an expression that PowerShell evaluates to it. */
export function powershellText(text: string): string {
  if (text.replaceAll(HARMLESS, '') === text) return `'${text}'`;
  // An object: PowerShell 7 takes lists apart, 5.1 does not.
  return `(ConvertFrom-Json ${powershellJson({ text })}).text`;
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}

/** A text as one word of bash or any POSIX shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
