/** Detects names that can be confused with other names. */

/** Cyrillic, Greek and other letters that look like the Latin letters of protected names. */
const CONFUSABLES: Readonly<Record<string, string>> = {
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

/** Whether a name contains another one or a name that looks like it, ignoring spaces, marks, case, width and script. */
export function isConfusableWith(name: string, other: string): boolean {
  return skeleton(name).includes(skeleton(other));
}

function skeleton(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
  return Array.from(letters, (letter) => CONFUSABLES[letter] ?? letter).join('');
}
