import fc from 'fast-check';
import { compilePattern, PatternError } from './pattern';
import { matchesEverything } from './universal-pattern';

/** Pieces that often combine to patterns that match nearly everything. */
const pattern = fc
  .array(
    fc.oneof(
      fc.constantFrom('^', '$', '\\A', '\\z', '\\b', '\\B', '|', '(', ')', '(?s)', '(?m)', '(?:'),
      fc.constantFrom('.', '.', '[^:]', '[^x]', '\\w', '\\W', '\\S', '\\s', 'a', '\\$', '[\\s\\S]', '[^\\n]'),
      fc.constantFrom('*', '*', '+', '?', '{1,3}', '{0,9}', '*?'),
    ),
    { minLength: 1, maxLength: 7 },
  )
  .map((pieces) => pieces.join(''))
  .filter(isPattern);

function isPattern(source: string): boolean {
  try {
    compilePattern(source);
    return true;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}

const line = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom('a', 'x', ':', ' ', '.', '$', '"', 'é', '\u0301'),
      minLength: 1,
      maxLength: 12,
    }),
  )
  .filter((text) => !text.includes('\n'));

const options = {
  numRuns: Number(process.env['ENGINE_RUNS'] ?? 3_000),
  seed: Number(process.env['ENGINE_SEED'] ?? 1),
};

describe('a pattern that matches everything', () => {
  it('matches every line of text', () => {
    let found = 0;
    fc.assert(
      fc.property(pattern, fc.array(line, { minLength: 5, maxLength: 10 }), (source, lines) => {
        if (!matchesEverything(source)) return;
        found += 1;
        const compiled = compilePattern(source);
        expect(lines.filter((text) => !compiled.occursIn(text))).toEqual([]);
      }),
      options,
    );
    expect(found).toBeGreaterThan(options.numRuns / 10);
  });

  it.each([
    ...['.*', '.', 'a*', '^', '$', '(?s).+', 'a|.*', '()', '^.', '.$', '.*?', 'x|', '(?i).*'],
    ...['^.*$', '^.+$', '^(.*)$', '\\A.*\\z', '^(?:[\\s\\S]*)$', '[\\W\\w]', '(?s)^.*$', '\\S|\\s'],
  ])('can be %s', (source) => {
    expect(matchesEverything(source)).toBe(true);
  });

  it.each([
    ...['\\w', '[a-z]', '^a', '\\.', '[^x]', '..', '\\b', '^$', '$^', '\\B'],
    ...['^.$', '^.{1,20}$', '^[^:]*$', '^[^@]+$', '^\\S*$|^ *$', '^.*\\.exe$', '^(?:.|..)$'],
  ])('is not %s', (source) => {
    expect(matchesEverything(source)).toBe(false);
  });
});
