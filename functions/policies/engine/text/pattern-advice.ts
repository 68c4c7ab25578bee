/** What to write instead of what a regular expression of this service cannot have. */

/** Escapes of other engines, by their first characters. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\Z': 'write \\z for the end of the text',
  '\\G': 'write \\A for the start of the text',
  '\\h': 'write [ \\t] for a blank or a tab',
  '\\H': 'write [^ \\t]',
  '\\R': 'write \\r?\\n for the end of a line',
  '\\N': 'write [^\\n]',
  '\\V': 'write [^\\r\\n]',
  '\\X': 'write a dot for a character',
  '\\K': 'a pattern is only searched for, so leave it out',
  '\\e': 'write \\x1b',
  '\\c': 'write the character by its code, such as \\x01',
  '\\u': 'write the character by its code, such as \\x{e9}, or as it is',
  '\\U': 'write the character by its code, such as \\x{e9}, or as it is',
  '\\x': 'write two hexadecimal digits, such as \\x41, or up to 10FFFF in braces, such as \\x{e9}',
  '\\E': '\\E only ends a text that \\Q begins',
};
const OTHER_ESCAPE =
  'write \\\\ for a backslash, as in C:\\\\Windows; letters have an escape only where they stand for a class or a position, such as \\d or \\b';

/** Constructs in parentheses, by their first characters; the longest that fits counts. */
const GROUPS: Readonly<Record<string, string>> = {
  '(?>': 'atomic groups are not needed in linear time, write (?:',
  '(?#': 'leave the comment out, and describe the trigger instead',
  '(?(': 'write the alternatives of the condition one by one',
  '(?|': 'write (?:',
  '(?R': 'recursion cannot run in linear time',
  '(?x': 'write the pattern without blanks and comments; the flags are i, m, s and U',
  "(?'": 'write (?: for a group, or (?<name> for one with a name',
  '(?': 'write \\(\\? for the characters; a group begins with (?:, flags are i, m, s and U',
};

/** By RE2's description of the fault. */
const FAULTS: Readonly<Record<string, (part: string) => string>> = {
  'invalid escape sequence': (part) => ESCAPES[part.slice(0, 2)] ?? OTHER_ESCAPE,
  'invalid or unsupported Perl syntax': (part) => GROUPS[part.slice(0, 3)] ?? GROUPS['(?'] ?? '',
  'invalid nested repetition operator': (part) =>
    part.endsWith('+')
      ? 'possessive repetition is not needed in linear time, write one of *, + and ?'
      : 'write one repetition, or put the inner one in (?:…)',
  'missing argument to repetition operator': (part) =>
    `nothing precedes ${part} that could be repeated; write .* for any text, \\${part} for the character itself`,
  'invalid repeat count': () =>
    'a count is at most 1000, also where repetitions are nested, and the first is not above the second',
  'invalid character class range': (part) =>
    part.startsWith('\\p') || part.startsWith('\\P')
      ? 'the name is that of a category or a script of Unicode, such as \\p{L} or \\p{Greek}'
      : part.startsWith('[:')
        ? 'the classes of POSIX are those such as [:alpha:], [:digit:], [:space:] and [:word:]'
        : 'a range goes from the lower character to the higher one; write \\- for a hyphen',
  'missing closing ]': () => 'close the class, or write \\[ for the character itself',
  'missing closing )': () => 'close the group, or write \\( for the character itself',
  'unexpected )': () => 'no group is open; write \\) for the character itself',
  'trailing backslash at end of expression': () => 'write \\\\ for a backslash',
  'invalid named capture': () => 'write (?<name>…) with letters, digits and underscores, or (?:…)',
  'duplicate capture group name': () => 'give each group a name of its own, or none',
  'expression nests too deeply': () => 'put fewer groups into one another',
};

/** What the fault is in our words; RE2 has others, such as `Perl syntax`. */
const NAMES: Readonly<Record<string, string>> = {
  'invalid escape sequence': 'there is no such escape',
  'invalid or unsupported Perl syntax': 'there is no such group',
  'invalid nested repetition operator': 'a repetition cannot follow another one',
  'missing argument to repetition operator': 'nothing to repeat',
};

/**
 * What is wrong and what to write instead.
 * @param fault RE2's description
 * @param part the part of the pattern that it could not parse; empty when that is unknown
 */
export function patternAdvice(fault: string, part: string): string {
  const named = NAMES[fault] ?? fault;
  const advice = FAULTS[fault]?.(part);
  const quoted = part === '' ? '' : `: \`${part}\``;
  return advice === undefined ? named + quoted : `${named}${quoted}: ${advice}`;
}
