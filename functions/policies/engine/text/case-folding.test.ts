import fc from 'fast-check';
import { RE2JS } from 're2js';
import { groupBy } from '../../../../shared/pure/group-by';
import { compilePattern, foldDrive, foldText, isDrive, PatternError } from './case-folding';

describe('texts are equal', () => {
  it.each([
    ['whatever their case', 'CMD.exe', 'cmd.EXE'],
    ['as sharp s and its capital', 'Straße', 'STRAẞE'],
    ['as any of the three sigmas', 'ΟΔΟΣ', 'οδος'],
    ['as k and the Kelvin sign', 'k', '\u212a'],
    ['as micro sign and mu', '\u00b5', '\u03bc'],
    ['as long s and s', 'ſ', 'S'],
    ['composed and with a combining mark', 'é', 'E\u0301'],
    ['with several combining marks in either order', 'a\u0323\u0302', 'A\u0302\u0323'],
    ['in full-width letters of either case', 'ｅｘｅ', 'ＥＸＥ'],
    ['in letters outside the first plane', '𐐨', '𐐀'],
  ])('%s', (_, one, other) => {
    expect(foldText(one)).toBe(foldText(other));
  });

  it.each([
    ['as sharp s and ss', 'ß', 'ss'],
    ['as dotted capital i and i', 'İ', 'i'],
    ['as dotted capital i and i with a dot above', 'İ', 'i\u0307'],
    ['as dotless i and i', 'ı', 'i'],
    ['as dotless i and capital i', 'ı', 'I'],
    ['as full-width and ASCII letters', 'Ａ', 'A'],
    ['as a ligature and its letters', 'ﬁ', 'fi'],
    ['as a letter with and without an accent', 'é', 'e'],
  ])('but not %s', (_, one, other) => {
    expect(foldText(one)).not.toBe(foldText(other));
  });
});

it('folds every character of Unicode as the pattern engine does', () => {
  const cased: string[] = [];
  for (let code = 0; code <= 0x1ffff; code++) {
    const character = String.fromCodePoint(code);
    if (
      /\p{Cased}|\p{Changes_When_Casefolded}|\u0345/u.test(character) &&
      character.normalize('NFC') === character
    ) {
      cased.push(character);
    }
  }
  const text = cased.join('');
  const byFolded = groupBy(cased, foldText);
  const wrong = cased.filter((character) => {
    const pattern = RE2JS.compile(RE2JS.quote(character), RE2JS.CASE_INSENSITIVE);
    const same = Array.from(pattern.matchAll(text), (match) => match[0]);
    return same.join() !== byFolded.get(foldText(character))?.join();
  });
  expect(cased.length).toBeGreaterThan(2_700);
  expect(wrong).toEqual([]);
});

describe('whatever the texts,', () => {
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
  it.each([
    ['(a)\\1', 'Back-references cannot run in linear time'],
    ['a(?!b)', 'Look-ahead and look-behind cannot run in linear time'],
    ['a{2,1}', 'invalid repeat count: `{2,1}`'],
    ['[a', 'missing closing ]: `[a`'],
    ['a\\', 'trailing backslash at end of expression'],
  ])('that cannot be run is refused with the reason: %s', (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(PatternError);
    expect(() => compilePattern(pattern)).toThrow(reason);
  });

  it.each(['^(a+)+$', '(a|aa)+$', '(a*)*b', '(.*a){20}$', '(x+x+)+y'])(
    'runs in a time that grows with the text, not faster: %s on a megabyte',
    (pattern) => {
      // A backtracking engine would not come back from these.
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

describe('drives', () => {
  it.each(['D', 'd', 'D:', 'd:', 'D:\\', 'd:/'])('%s is drive d', (text) => {
    expect(foldDrive(text)).toBe('d');
    expect(isDrive(text)).toBe(true);
  });

  it.each(['DD', '', ':', 'D:\\x', '1:', 'é:'])('%s is none', (text) => {
    expect(isDrive(text)).toBe(false);
  });
});
