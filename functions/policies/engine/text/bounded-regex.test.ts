import fc from 'fast-check';
import { RE2JS } from 're2js';
import { boundedRegex } from './bounded-regex';

describe('a pattern that V8 may run', () => {
  const character = fc.constantFrom(...'abKs09_- .\\/$^?({\n\r\v\t');
  const item = fc.constantFrom(...'aKs09_ .$?(/', 'a-k', 'A-S', '0-5', '\\d', '\\w', '\\\\', '\\-');
  const atom = fc.oneof(
    fc.constantFrom(...'abKs09_- /', '.', '\\d', '\\w', '\\.', '\\\\', '\\$', '\\{', '\\?'),
    fc
      .tuple(
        fc.constantFrom('', '^', '-', '^-'),
        fc.array(item, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '-'),
      )
      .map(([before, items, after]) => `[${before}${items.join('')}${after}]`),
  );
  const quantifier = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('', '', '', '?', '{2}', '{0,3}', '{1,2}?', '??') },
    { weight: 1, arbitrary: fc.constantFrom('*', '+?', '{2,}') },
  );
  const part = fc.letrec<{ part: string; sequence: string }>((tie) => ({
    part: fc.oneof(
      { maxDepth: 2 },
      fc.tuple(atom, quantifier).map(([one, times]) => one + times),
      fc.constantFrom('^', '$', '\\b'),
      tie('sequence').map((inner) => `(${inner})`),
      fc.tuple(tie('sequence'), tie('sequence')).map(([one, other]) => `(?:${one}|${other})`),
    ),
    sequence: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  }));
  const pattern = fc
    .tuple(fc.constantFrom('', '(?i)'), part.sequence, fc.constantFrom('', 'a+', '\\d{2,}', '[-_]*'))
    .map((parts) => parts.join(''));
  const text = fc.string({ unit: character, maxLength: 12 });

  it('matches the same ASCII texts as RE2', () => {
    let compared = 0;
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 4, maxLength: 8 }), (source, texts) => {
        const bounded = boundedRegex(source);
        if (!bounded) return;
        const safe = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
        for (const one of texts)
          expect([one, bounded.expression.test(one.toLowerCase())]).toEqual([one, safe.test(one)]);
        compared += 1;
      }),
      { numRuns: 1_500 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});

it.each([
  '(a+)+$',
  'a*b*c*d',
  '(ab)?',
  '(ab){2}',
  '^.{0,100}a',
  `${'a?'.repeat(9)}b`,
  '(a|b)'.repeat(9),
  '\\s',
  '\\Bx',
  '\\pL',
  '\\x41',
  '\\Qa\\E',
  '[[:alpha:]]',
  '[!-~]',
  '[A-z]',
  '[a&&b]|é',
  '(?-i:a)',
  'a(?i)b',
  '(?P<n>a)',
  'a{,2}',
  'a**',
])('%s is run by the linear-time engine only', (pattern) => {
  expect(boundedRegex(pattern)).toBeUndefined();
});

it.each([
  ['^a\\d{2,}', Infinity],
  ['\\ba.b\\b', 8_191],
  ['.{0,40}a', 198],
  ['a.*b', 89],
  ['^a.*b', 8_191],
  ['^a.*b|c', 63],
  ['a[xy]?.*b', 63],
])('%s may be run by V8 on texts of up to %d units', (pattern, maxTextUnits) => {
  expect(boundedRegex(pattern)?.maxTextUnits).toBe(maxTextUnits);
});
