import fc from 'fast-check';
import { foldText } from './case-folding';
import { UnitPairs } from './bigram-mask';

const text = fc.string({ unit: fc.constantFrom(...'aAb0Pz.\\\\-表é', '😀'), maxLength: 12 });

function hasAll(pairs: UnitPairs, wanted: UnitPairs): boolean {
  return (wanted.low & ~pairs.low) === 0 && (wanted.high & ~pairs.high) === 0;
}

it('gives a text the pairs of everything that it contains', () => {
  fc.assert(
    fc.property(text, text, text, (before, part, after) => {
      const whole = UnitPairs.of(foldText(before) + foldText(part) + foldText(after));
      expect(hasAll(whole, UnitPairs.of(foldText(part)))).toBe(true);
    }),
  );
});

it('gives ASCII the same pairs in upper and lower case', () => {
  expect(UnitPairs.of('POWERSHELL.EXE -Enc')).toEqual(UnitPairs.of('powershell.exe -enc'));
});

it('tells most texts from those that they do not contain', () => {
  const words = Array.from({ length: 1_000 }, (_, index) => `word${index * 7919}`);
  const value = UnitPairs.of('report-2026.docx');
  expect(words.filter((word) => hasAll(value, UnitPairs.of(word)))).toEqual([]);
});

it('finds no pair in a text of one unit, and forgets those of the text before', () => {
  const pairs = UnitPairs.of('powershell');
  pairs.become('p');
  expect(pairs).toEqual(UnitPairs.of(''));
  expect([pairs.low, pairs.high]).toEqual([0, 0]);
});
