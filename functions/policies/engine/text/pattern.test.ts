import fc from 'fast-check';
import { RE2JS } from 're2js';
import { foldText } from './case-folding';
import { compilePattern, PatternError } from './pattern';

describe('for any two texts,', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.string({
      unit: fc.constantFrom('s', 'S', 'ſ', 'ß', 'ẞ', 'k', '\u212a', 'i', 'İ', 'ı', '\u0307', 'e', '\u0301'),
    }),
  );

  it('Includes is Matches of the quoted text', () => {
    fc.assert(
      fc.property(text, text, (value, part) => {
        const includes = foldText(value).includes(foldText(part));
        expect(compilePattern(RE2JS.quote(part.normalize('NFC'))).occursIn(value)).toBe(includes);
      }),
    );
  });

  it('Equals is Matches of the quoted text between the ends', () => {
    fc.assert(
      fc.property(text, text, (value, other) => {
        const pattern = compilePattern(`\\A${RE2JS.quote(other.normalize('NFC'))}\\z`);
        expect(pattern.occursIn(value)).toBe(foldText(value) === foldText(other));
        expect(compilePattern(`\\A${RE2JS.quote(value.normalize('NFC'))}\\z`).occursIn(value)).toBe(true);
      }),
    );
  });
});

describe('a pattern', () => {
  function codeOf(compile: () => unknown): string | undefined {
    try {
      compile();
    } catch (error) {
      if (error instanceof PatternError) return error.code;
    }
    return undefined;
  }

  it.each([
    ['(a)\\1', 'back-reference', 'Back-references cannot run in linear time'],
    ['a(?!b)', 'look-around', 'Look-ahead and look-behind cannot run in linear time'],
    ['a(?<=b)', 'look-around', 'Look-ahead and look-behind cannot run in linear time'],
    ['a{2,1}', 'syntax', 'invalid repeat count: `{2,1}`'],
    ['[a', 'syntax', 'missing closing ]: `[a`'],
    ['(x', 'syntax', 'missing closing ): `(x`'],
    ['a\\', 'syntax', 'trailing backslash at end of expression'],
  ])('RSP-2: that is not supported is refused with the reason: %s', (pattern, code, reason) => {
    const compile = () => compilePattern(pattern);
    expect(compile).toThrow(PatternError);
    expect(compile).toThrow(reason);
    expect(codeOf(compile)).toBe(code);
  });

  it.each([
    ['cmd\\Z', 'there is no such escape: `\\Z`: write \\z for the end of the text'],
    ['C:\\users', 'there is no such escape: `\\u`: write the character by its code'],
    ['C:\\temp\\y', 'there is no such escape: `\\y`: write \\\\ for a backslash, as in C:\\\\Windows'],
    ['(?>a)', 'there is no such group: `(?>`: atomic groups are not needed in linear time, write (?:'],
    ['(?z)a', 'there is no such group: `(?z`: write \\(\\? for the characters'],
    ['*.exe', 'nothing to repeat: `*`: nothing precedes * that could be repeated; write .* for any text'],
    ['a++', 'a repetition cannot follow another one: `++`: possessive repetition is not needed'],
    ['a**', 'a repetition cannot follow another one: `**`: write one repetition'],
    ['\\p{Grek}', 'invalid character class range: `\\p{Grek}`: the name is that of a category or a script'],
    ['[z-a]', 'a range goes from the lower character to the higher one'],
    ['a)', 'unexpected ): `a)`: no group is open'],
    ['(?<n>a)(?<n>b)', 'duplicate capture group name: `n`: give each group a name of its own'],
  ])('RSP-2: that is refused comes with what to write instead: %s', (pattern, advice) => {
    expect(() => compilePattern(pattern)).toThrow(advice);
  });

  it('RSP-2: is refused in words that do not need the manual of the engine', () => {
    const faults = [
      '\\Z',
      '(?>a)',
      '(?P<n',
      '*',
      'a**',
      '[b-a]',
      ')',
      '(',
      '[',
      'a{2,1}',
      '\\',
      '('.repeat(2_000),
    ];
    for (const pattern of faults) expect(() => compilePattern(pattern)).not.toThrow(/Perl|operator|^[^:]*$/);
  });

  it.each([
    ['\\w', 'é'],
    ['\\d', '٣'],
    ['\\s', '\u00a0'],
    ['é\\b', 'é '],
  ])('knows ASCII only where it has %s', (pattern, text) => {
    expect(compilePattern(pattern).occursIn(text)).toBe(false);
  });

  it('has Unicode classes, which know other letters, digits and blanks', () => {
    expect(compilePattern('^\\p{L}\\p{Nd}\\p{Zs}$').occursIn('é٣\u00a0')).toBe(true);
  });

  it.each(['^(a+)+$', '(a|aa)+$', '(a*)*b', '(.*a){20}$', '(x+x+)+y'])(
    'RSP-2: runs in time linear in the text: %s on a megabyte',
    (pattern) => {
      // A backtracking engine would practically never finish.
      expect(compilePattern(pattern).occursIn(`${'a'.repeat(2 ** 20)}!`)).toBe(false);
    },
  );

  it('of ten thousand characters can be compiled and run', () => {
    const pattern = compilePattern(`(${'ab?|'.repeat(2_499)}c)+!`);
    expect(pattern.occursIn('ab'.repeat(10_000))).toBe(false);
  });

  it('ignores case also within classes', () => {
    expect(compilePattern('^[a-z]+$').occursIn('CMD')).toBe(true);
    expect(compilePattern('^[à-ü]+$').occursIn('É')).toBe(true);
  });
});
