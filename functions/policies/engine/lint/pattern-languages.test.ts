import fc from 'fast-check';
import { compilePattern, PatternError } from '../text/pattern';
import { programOf } from '../text/pattern-program';
import { PatternAutomaton } from './pattern-automaton';
import { containing, equalTo, PatternLanguages } from './pattern-languages';
import { StepBudget } from './step-budget';

const languages = () => new PatternLanguages(new StepBudget(Infinity));
const matchesEverything = (source: string) => languages().isUniversal(source);

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
  numRuns: Number(process.env['ENGINE_RUNS'] ?? 1_500),
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
    ...[
      '\\b|\\B',
      '^(?:a|.)*$',
      '(?s:.*)',
      'a||b',
      '(?:)',
      '^(?:a|[^a])*$',
      '^|x',
      '(?m)^',
      '[^\\x{0}]|\\x{0}',
    ],
    ...['^.*$', '^.+$', '^(.*)$', '\\A.*\\z', '^(?:[\\s\\S]*)$', '[\\W\\w]', '(?s)^.*$', '\\S|\\s'],
  ])('can be %s', (source) => {
    expect(matchesEverything(source)).toBe(true);
  });

  it.each([
    ...['\\w', '[a-z]', '^a', '\\.', '[^x]', '..', '\\b', '^$', '$^', '\\B'],
    ...['\\b', '\\B', '^(?:a|b)*$', '(?-s:.).', '[^\\x{1F600}]', '\\pL|\\PL.', '$^|\\w'],
    ...['^.$', '^.{1,20}$', '^[^:]*$', '^[^@]+$', '^\\S*$|^ *$', '^.*\\.exe$', '^(?:.|..)$'],
  ])('is not %s', (source) => {
    expect(matchesEverything(source)).toBe(false);
  });
});

describe('a pattern that matches nothing', () => {
  it.each([
    ...['$a', 'a^b', '[^\\s\\S]', 'a$b', '\\b\\B', 'a\\bb', '\\Aa\\Ab', '(?:$a|b^c)', '^a$.', 'x{0}$y'],
    ...[
      '[0-9]\\b\\d',
      '-\\B[0-9]',
      '\\za',
      'a(?:$b)+',
      '[^\\x{0}-\\x{10FFFF}]',
      '(?i)a\\A',
      '\\d\\b[0-9a-f]',
    ],
  ])('can be %s', (source) => {
    expect(languages().isEmpty(source)).toBe(true);
  });

  it.each([
    ...[
      'a',
      '',
      '$',
      '^$',
      '$^',
      'a|$b',
      '(?m)a$\\n^b',
      '\\Ba\\b..',
      'a\\b.',
      '[^\\S]',
      '(?:$a)*',
      '(?:$a)?b',
    ],
    // Ignoring case, \\w has the long s, which is no letter to \\b.
    ...[
      '\\w\\b\\w',
      '^a$',
      '\\bcmd\\b',
      '(?m)$\\n',
      '[^\\w\\s]',
      '^[^\\\\]+$',
      '(?s)^.\\z',
      '\\B.\\B',
      '[[:^ascii:]]',
    ],
  ])('is not %s', (source) => {
    expect(languages().isEmpty(source)).toBe(false);
  });
});

function occursIn(automaton: PatternAutomaton, text: string): boolean {
  const step = (state: number, character: string) =>
    automaton.next(state, automaton.classOf(character.codePointAt(0) ?? 0));
  return automaton.occursAtEnd([...text].reduce(step, automaton.start));
}

describe('as an automaton a pattern', () => {
  const letters = ['a', 'b', 'A', 'k', 's', 'ſ', 'é', '-', '0', '_', ' ', '\n', '表', '😀'];
  const text = fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
  const pieces = [
    ...[
      'a',
      'b',
      'K',
      'S',
      '\\w',
      '\\W',
      '\\s',
      '\\d',
      '.',
      '[^a]',
      '[a-k]',
      'é',
      '[^\\x{1F600}]',
      '\\pL',
      '\\Qa-\\E',
    ],
    ...[
      '^',
      '$',
      '\\A',
      '\\z',
      '\\b',
      '\\B',
      '(?m)',
      '(?s)',
      '(?-i)',
      '(',
      '(?:',
      ')',
      '|',
      '*',
      '+',
      '?',
      '{2}',
      '{0,2}',
    ],
  ];
  const anyPattern = fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(''))
    .filter(isPattern);

  it('matches the texts that RE2 matches', () => {
    fc.assert(
      fc.property(anyPattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
        const compiled = compilePattern(source);
        const program = programOf(source);
        if (!program) throw new Error(`no program of ${source}`);
        const automaton = new PatternAutomaton(program, () => undefined);
        for (const one of texts)
          expect([source, one, occursIn(automaton, one)]).toEqual([source, one, compiled.occursIn(one)]);
      }),
      options,
    );
  });

  it('has an example that it matches, or matches none of many texts', () => {
    let empty = 0;
    fc.assert(
      fc.property(anyPattern, fc.array(text, { minLength: 20, maxLength: 20 }), (source, texts) => {
        const asked = languages();
        const compiled = compilePattern(source);
        const example = asked.example(source);
        expect(asked.isEmpty(source)).toBe(example === undefined);
        if (example === undefined) empty += 1;
        if (example === undefined) expect(texts.filter((one) => compiled.occursIn(one))).toEqual([]);
        else if (example === example.normalize('NFC')) expect(compiled.occursIn(example)).toBe(true);
      }),
      options,
    );
    expect(empty).toBeGreaterThan(options.numRuns / 50);
  });

  it('is covered only by others that match all of its texts', () => {
    let covered = 0;
    const others = fc.array(anyPattern, { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(
        anyPattern,
        others,
        fc.array(text, { minLength: 20, maxLength: 20 }),
        (source, outer, texts) => {
          if (!languages().isCovered(source, outer)) return;
          covered += 1;
          const [inner, ...rest] = [source, ...outer].map(compilePattern);
          const missed = texts.filter(
            (one) => inner?.occursIn(one) && !rest.some((other) => other.occursIn(one)),
          );
          expect([source, outer, missed]).toEqual([source, outer, []]);
        },
      ),
      options,
    );
    expect(covered).toBeGreaterThan(options.numRuns / 20);
  });

  it.each([
    [equalTo('cmd.exe'), ['cmd'], true],
    [equalTo('cmd.exe'), ['^cmd\\.(exe|com)$'], true],
    [equalTo('k'), ['\\bk\\b'], true],
    [equalTo('s'), ['\\bs\\b'], false],
    [containing('cmd.exe'), ['cmd\\b'], true],
    [containing('cmd.exe'), ['^cmd'], false],
    ['cmd\\.exe', [containing('CMD')], true],
    ['^(?:cmd|powershell)$', [equalTo('cmd'), equalTo('powershell')], true],
    ['^(?:cmd|pwsh)$', [equalTo('cmd'), equalTo('powershell')], false],
    ['a|b', ['b', 'a'], true],
    ['[ab]', ['a'], false],
    ['\\d{3}', ['\\d'], true],
    ['\\d', ['\\d{3}'], false],
    ['(?-i:CMD)', ['cmd'], true],
    ['cmd', ['(?-i:CMD)'], false],
  ])('is covered as one would expect: %s by %j is %s', (source, outer, isCovered) => {
    expect(languages().isCovered(source, outer)).toBe(isCovered);
  });

  it('is not analyzed when that would take too long', () => {
    const large = `(?:a|b)*a${'(?:a|b)'.repeat(40)}`;
    const start = performance.now();
    const asked = languages();
    expect([asked.isUniversal(`^(?:${large})$`), asked.isCovered(large, [`${large}c`])]).toEqual([
      false,
      false,
    ]);
    expect(asked.isEmpty('a'.repeat(2_000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
