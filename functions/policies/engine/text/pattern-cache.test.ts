/** How a policy runs its patterns (literals first, V8 where it is safe, RE2) against two independent engines. */
import fc from 'fast-check';
import { RE2JS, RE2JSException } from 're2js';
import type * as boundedRegexModule from './bounded-regex';
import { boundedRegex } from './bounded-regex';
import { foldText } from './case-folding';
import { PatternCache } from './pattern-cache';
import { PatternSteps } from './pattern-steps';

jest.mock('./bounded-regex', () => ({
  boundedRegex: jest.fn(jest.requireActual<typeof boundedRegexModule>('./bounded-regex').boundedRegex),
}));

const options = {
  numRuns: Number(process.env['ENGINE_RUNS'] ?? 3_000),
  seed: Number(process.env['ENGINE_SEED'] ?? 1),
};

const occurs = (source: string, text: string) =>
  new PatternCache().get(source).occursIn(text, foldText(text), new PatternSteps());

/** What the engine that runs the patterns says by itself; undefined for a pattern that it refuses. */
function re2(source: string): RE2JS | undefined {
  try {
    return RE2JS.compile(source.normalize('NFC'), RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

const joined = (pieces: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(pieces, { minLength: 1, maxLength }).map((given) => given.join(''));

/** Few letters, so that texts often match. The Kelvin sign and the long s fold to ASCII letters. */
const letters = ['a', 'b', 'A', 'k', '\u212a', 's', 'ſ', 'é', 'É', '-', '0', '{', '2', '}', ','];
const text = joined(fc.constantFrom(...letters, '\\', '\n', '.', 'E'), 8);

const quantifiers = ['*', '+', '?', '{2}', '{0}', '{0,1}', '{1,}', '*?', '+?', '??', '{2}?', '{,2}', '{02}'];
const common = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...letters.slice(0, 11)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('.', '\\d', '\\.', '[ab]', '[^a]', '[a-c]', '[k-]', '\\\\', '\\-'),
  },
  { weight: 2, arbitrary: fc.constantFrom(...quantifiers.slice(0, 11)) },
  { weight: 1, arbitrary: fc.constantFrom('(', '(?:', ')', '|', '^', '$') },
);
const quoted = fc.constantFrom('\\Qab\\E', '\\Q\\E', '\\Qa', '\\Q.{2}\\E', '\\Q\\k\\E', '\\Q\\\\E');
const only = fc.oneof(
  { weight: 4, arbitrary: common },
  { weight: 1, arbitrary: fc.constantFrom(...quantifiers) },
  { weight: 2, arbitrary: quoted },
  {
    weight: 1,
    arbitrary: fc.constantFrom('(?i)', '(?s)', '(?m)', '(?U)', '(?-i)', '(?i:', '(?-i:', '(?P<n>'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '\\A',
      '\\z',
      '\\b',
      '\\B',
      '\\x61',
      '\\x{62}',
      '\\061',
      '\\pL',
      '[[:alpha:]]',
    ),
  },
);

/** Runs a property for the valid ones of generated patterns; returns how many texts matched. */
function compare(
  patterns: fc.Arbitrary<string>,
  oracle: (source: string) => ((value: string) => boolean) | undefined,
): number {
  let matched = 0;
  fc.assert(
    fc.property(patterns, fc.array(text, { minLength: 4, maxLength: 8 }), (source, texts) => {
      const expected = oracle(source);
      if (!expected) return;
      const pattern = new PatternCache().get(source);
      for (const value of texts) {
        const isExpected = expected(value);
        if (isExpected) matched += 1;
        expect([source, value, pattern.occursIn(value, foldText(value), new PatternSteps())]).toEqual([
          source,
          value,
          isExpected,
        ]);
      }
    }),
    options,
  );
  return matched;
}

describe('RSP-2: a pattern of a policy', () => {
  it('matches the texts that RE2 matches', () => {
    const matched = compare(joined(only, 7), (source) => {
      const expression = re2(source);
      return expression && ((value) => expression.test(value.normalize('NFC')));
    });
    expect(matched).toBeGreaterThan(options.numRuns / 5);
  });

  it('matches the texts that JavaScript matches, where both have the syntax', () => {
    const matched = compare(joined(common, 7), (source) => {
      if (!re2(source)) return undefined;
      try {
        const expression = new RegExp(source.normalize('NFC'), 'iu');
        return (value) => expression.test(value.normalize('NFC'));
      } catch {
        return undefined;
      }
    });
    expect(matched).toBeGreaterThan(options.numRuns / 5);
  });

  it.each([
    ['\\Qab\\E{2}', 'abb', 'abab'],
    ['\\Qab\\E?c', 'ac', 'bc'],
    ['x\\Qab\\E+y', 'xabbby', 'xababy'],
    ['\\Qa.\\E*b', 'ab', 'b'],
  ])('repeats the last character of a quoted text: %s is in %s, not in %s', (pattern, text, other) => {
    expect([occurs(pattern, text), occurs(pattern, other)]).toEqual([true, false]);
  });

  it.each([
    ['ab\\Q\\E*c', 'ac', 'abx'],
    ['ab(?i)*c', 'ac', 'abx'],
    ['ab(?s)?c', 'ac', 'abx'],
    ['(ab)(?i)*c', 'c', 'ab'],
    ['ab*\\Q\\E*c', 'abbc', 'bx'],
  ])('repeats what is before flags and empty quotes: %s is in %s, not in %s', (pattern, text, other) => {
    expect([occurs(pattern, text), occurs(pattern, other)]).toEqual([true, false]);
  });

  it.each([
    ['ab{02}c', 'ab{02}c', 'abbc'],
    ['ab{1,02}c', 'ab{1,02}c', 'abbc'],
    ['ab{,2}c', 'ab{,2}c', 'abbc'],
  ])('takes malformed repetitions for text: %s is in %s, not in %s', (pattern, text, other) => {
    expect([occurs(pattern, text), occurs(pattern, other)]).toEqual([true, false]);
  });

  it('has quoted accents composed, as texts are', () => {
    expect(occurs('\\Q\\e\u0301\\E', 'x\\É')).toBe(true);
  });

  it('that V8 may not run is examined for that only once', () => {
    jest.mocked(boundedRegex).mockClear();
    const pattern = new PatternCache().get('(?:ab)*c');
    for (const value of ['xc', 'yc', 'zc'])
      expect(pattern.occursIn(value, value, new PatternSteps())).toBe(true);
    expect(boundedRegex).toHaveBeenCalledTimes(1);
  });
});
