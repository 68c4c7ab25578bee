import fc from 'fast-check';
import { foldText } from './case-folding';
import { BigramMask } from './bigram-mask';

const text = fc.string({ unit: fc.constantFrom(...'aAb0Pz.\\\\-表é', '😀'), maxLength: 12 });

function hasAll(mask: BigramMask, wanted: BigramMask): boolean {
  return (wanted.low & ~mask.low) === 0 && (wanted.high & ~mask.high) === 0;
}

it('has all bits of the mask of every substring', () => {
  fc.assert(
    fc.property(text, text, text, (before, part, after) => {
      const whole = BigramMask.of(foldText(before) + foldText(part) + foldText(after));
      expect(hasAll(whole, BigramMask.of(foldText(part)))).toBe(true);
    }),
  );
});

it('is the same for ASCII in upper and lower case', () => {
  expect(BigramMask.of('POWERSHELL.EXE -Enc')).toEqual(BigramMask.of('powershell.exe -enc'));
});

it('excludes most texts that a value does not contain', () => {
  const words = Array.from({ length: 1_000 }, (_, index) => `word${index * 7919}`);
  const value = BigramMask.of('report-2026.docx');
  expect(words.filter((word) => hasAll(value, BigramMask.of(word)))).toEqual([]);
});

it('is empty for a text of one unit, and keeps nothing of the previous text', () => {
  const mask = BigramMask.of('powershell');
  mask.setTo('p');
  expect(mask).toEqual(BigramMask.of(''));
  expect([mask.low, mask.high]).toEqual([0, 0]);
});
