/** Sanitizes external text for mails. */

/** Control characters, line and paragraph separators, and what turns the direction of writing. */
const NOT_ON_A_LINE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** The text as one line of at most so many characters; nothing in it can end a header or hide what follows. */
export function oneLine(text: string, maxCharacters: number): string {
  const line = text
    .replace(NOT_ON_A_LINE, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim();
  const characters = [...line];
  return characters.length <= maxCharacters ? line : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/** The text with everything escaped that HTML gives a meaning to, in elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
