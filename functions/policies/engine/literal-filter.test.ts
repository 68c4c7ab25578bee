import fc from 'fast-check';
import { LiteralFilter } from './literal-filter';

const find = (texts: readonly string[], value: string) =>
  [
    ...new Set(new LiteralFilter(texts.map((text) => ({ text, stands: text }))).find(value).flat()),
  ].toSorted();

it('finds exactly the literals that occur, also those within and beginning others', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\\', '😀'), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.uniqueArray(text, { maxLength: 20 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '.', '\\', '😀') }),
      (texts, value) => {
        expect(find(texts, value)).toEqual(texts.filter((one) => value.includes(one)).toSorted());
      },
    ),
    { numRuns: 500 },
  );
});

it('takes every character literally', () => {
  const texts = [
    '\\',
    '^',
    '$',
    '.',
    '*',
    '+',
    '?',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '|',
    '/',
    '-',
    '\n',
    '{1}',
  ];
  expect(find(texts, texts.join(''))).toEqual(texts.toSorted());
  expect(find(texts, 'x')).toEqual([]);
});

it('may take a long literal for found by its end, and never misses one', () => {
  const long = `${'a'.repeat(500)}b`;
  expect(find([long], `x${long}x`)).toEqual([long]);
  expect(find([long], 'b')).toEqual([]);
});

it('handles more literals than one expression takes', () => {
  const texts = Array.from({ length: 5_000 }, (_, index) => `<${index}>`);
  expect(find(texts, '<17> <4999> <5000>')).toEqual(['<17>', '<4999>']);
});

it('stays quick on values and literals made to be hard', () => {
  const texts = Array.from({ length: 200 }, (_, index) => 'a'.repeat(20 + (index % 10)) + index);
  expect(find(texts, 'a'.repeat(32_767))).toEqual([]);
  expect(find(['a', 'aa', 'aaa'], 'a'.repeat(2 ** 16))).toEqual(['a', 'aa', 'aaa']);
});
