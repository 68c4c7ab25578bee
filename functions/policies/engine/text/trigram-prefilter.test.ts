import fc from 'fast-check';
import { ScanResult, TrigramPrefilter } from './trigram-prefilter';
import { foldText } from './case-folding';
import { BigramMask } from './bigram-mask';

function filterOf(texts: readonly string[]) {
  return new TrigramPrefilter(texts.map((text, id) => ({ text, id, bigrams: BigramMask.of(text) })));
}

/** The literals reported for a value, each once, and whether the value is reported to be ASCII. */
function scan(texts: readonly string[], value: string) {
  const result = new ScanResult();
  filterOf(texts).scan(value, result);
  const { ids, count, isAscii } = result;
  return { found: [...new Set(ids.slice(0, count).map((id) => texts[id] ?? ''))].toSorted(), isAscii };
}

it('reports every literal that occurs, of any length and in any combination', () => {
  const text = (maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...'aAb0P.\\表é', '😀'), minLength: 1, maxLength });
  fc.assert(
    fc.property(fc.uniqueArray(text(5).map(foldText), { maxLength: 20 }), text(12), (texts, value) => {
      const folded = foldText(value);
      const { found } = scan(texts, folded);
      expect(found).toEqual(expect.arrayContaining(texts.filter((one) => folded.includes(one))));
    }),
    { numRuns: 500 },
  );
});

it('needs no folding for ASCII, and reports values that need it', () => {
  expect(scan(['powershell', 'k', 'exe'], 'POWERSHELL.EXE')).toEqual({
    found: ['exe', 'powershell'],
    isAscii: true,
  });
  expect(scan(['straße'], 'STRAẞE').isAscii).toBe(false);
  expect(scan(['straße'], foldText('STRAẞE')).found).toEqual(['straße']);
});

it('does not look for other than ASCII texts in ASCII values, however short they are', () => {
  const texts = ['\u2013', '\u2013f', 'é', 'ß', '表', 'é-', 'straße', 'k', 's'].map(foldText);
  const value = 'POWERSHELL.EXE -f C:\\Users\\ada\\Documents\\0123456789_"ask\'(&).ps1';
  expect(scan(texts, value).found).toEqual(['k', 's']);
  for (const text of texts) expect(scan(texts, `${value}${text}`.toLowerCase()).found).toContain(text);
});

it('finds ASCII letters in the letters beyond ASCII that fold to them, and the other way round', () => {
  const texts = ['\u212a', 'ſ', 'ſk'].map(foldText);
  expect(scan(texts, 'ask').found).toEqual(['k', 's', 'sk']);
  expect(scan(['k', 's', 'sk'], foldText('aſ\u212a')).found).toEqual(['k', 's', 'sk']);
});

it('reports few literals that do not occur', () => {
  const words = Array.from({ length: 1_000 }, (_, index) => `word${index * 7919}`);
  expect(scan(words, 'C:\\Users\\somebody\\Documents\\report-2026.docx').found.length).toBeLessThan(20);
  expect(scan(words, 'word7919').found).toContain('word7919');
});

it('distinguishes digits from letters, so that words do not match a pattern of digits', () => {
  const texts = Array.from({ length: 100 }, (_, pair) => `${Math.floor(pair / 10)}-${pair % 10}`);
  expect(scan(texts, 'report-2.p.q-7x-pptx').found).toEqual([]);
  expect(scan(texts, 'ssn 123-45').found).toEqual(['3-4']);
});

it('indexes a long literal by its end', () => {
  const long = `${'a'.repeat(500)}b`;
  expect(scan([long], `x${long}x`).found).toEqual([long]);
  expect(scan([long], 'b').found).toEqual([]);
});

it('reports a literal once for a value that repeats it throughout, and nothing of the previous value', () => {
  const filter = filterOf(['aaa']);
  const result = new ScanResult();
  for (const value of ['a'.repeat(30_000), 'bbb', 'aaa']) {
    filter.scan(value, result);
    expect([value.slice(0, 3), result.ids.slice(0, result.count)]).toEqual([
      value.slice(0, 3),
      value.startsWith('a') ? [0] : [],
    ]);
  }
});
