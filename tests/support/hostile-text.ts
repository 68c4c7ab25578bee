/** For tests: texts that try to break out of the literal that contains them. */
import fc from 'fast-check';

/** Pieces of code and quotes of PowerShell, shells, templates and Markdown. */
const PIECES = [
  "'",
  '"',
  '`',
  '$(whoami)',
  '${HOME}',
  '`whoami`',
  '\u2018',
  '\u2019',
  '\u201A',
  '\u201B',
  '\u201C',
  '\u00D1', // in UTF-8 one of its bytes is a quote of code page 1252
  "'; Remove-Item x #",
  "' | Out-Null; '",
  '#>',
  '<#',
  '@{',
  "'@\n",
  "@'",
  '\\',
  '%PATH%',
  '&& reboot',
  '| sh',
  '[concat(',
  '{0}',
  '</script>',
  '\u{1F600}',
  'é',
  ' ',
  '-',
];

/** Printable texts of such pieces; without control characters, which no plan may hold. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5, unit: 'grapheme' })), {
    minLength: 1,
    maxLength: 8,
  })
  .map((pieces) =>
    pieces
      .join('')
      .replaceAll(/\p{Cc}/gu, '')
      .trim(),
  )
  .filter((text) => text !== '' && text.length <= 128 && !/\p{Cs}/u.test(text));
