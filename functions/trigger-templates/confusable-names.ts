/** Names that can be taken for others. */

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
