import { RE2JS } from 're2js';
import { groupBy } from '../../../../shared/pure/group-by';
import { foldText } from './case-folding';

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

it('folds every Unicode character as the regular expression engine does', () => {
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
