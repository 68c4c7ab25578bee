import { compilePattern } from './pattern';
import { PatternCache } from './pattern-cache';
import { requiredLiterals } from './required-literals';

describe('the required literals of a pattern', () => {
  it.each([
    ['mimikatz', [['mimikatz']]],
    ['PowerShell\\.exe', [['powershell.exe']]],
    ['power(shell|cat)', [['powershell', 'powercat']]],
    ['\\.(docx|xlsx)$', [['.docx', '.xlsx']]],
    ['ab.*cd', [['ab'], ['cd']]],
    ['^C:\\\\Users\\\\[^\\\\]+\\\\Desktop', [['c:\\users\\'], ['\\desktop']]],
    ['(?i)ab\\bcd(?s)', [['abcd']]],
    ['(?P<n>ab)+', [['ab']]],
    ['(?<n>ab){2,}', [['abab']]],
    ['ab{3}c', [['abbbc']]],
    ['a{0,2}bc', [['bc']]],
    ['(?:a{2}){2}', [['aaaa']]],
    ['ab[-_]c', [['ab-c', 'ab_c']]],
    ['ab[c-e]d', [['ab'], ['d']]],
    ['ab[c-]', [['abc', 'ab-']]],
    ['x\\Qa+b\\E', [['xa+b']]],
    ['abc?', [['ab']]],
    ['a{,2}', [['a{,2}']]],
    ['ab[]c]d', [['ab'], ['d']]],
    ['ab[[:alpha:]]d', [['ab'], ['d']]],
    ['ab[^\\]]d', [['ab'], ['d']]],
    ['ab\\x41d', [['ab'], ['d']]],
    ['ab\\x{41}d', [['ab'], ['d']]],
    ['ab\\p{Greek}\\pLd', [['ab'], ['d']]],
    ['STRAẞE', [['straße']]],
    ['(ab.*|cd.*)', [['ab', 'cd']]],
    ['\\w+', []],
    ['a*', []],
    ['ab|c?', []],
    ['(ab|)', []],
    ['.', []],
  ])('%s are %j', (pattern, literals) => {
    expect(requiredLiterals(pattern)).toEqual(literals);
    expect(() => compilePattern(pattern)).not.toThrow();
  });

  it('are limited in number', () => {
    const many = requiredLiterals('(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)');
    expect(many.length).toBeGreaterThan(0);
    for (const literals of many) expect(literals.length).toBeLessThanOrEqual(16);
    expect(requiredLiterals(`(${'a|'.repeat(4_000)}a)`)).toHaveLength(1);
  });

  it('of a pattern of digits are the digits around each separator', () => {
    const [best = []] = requiredLiterals('\\d{3}-\\d{2}-\\d{4}').filter((literals) =>
      literals.includes('4-7'),
    );
    expect(best).toHaveLength(100);
    expect(best).toEqual(expect.arrayContaining(['0-0', '4-7']));
  });

  it('of a deeply nested pattern are found', () => {
    expect(requiredLiterals(`${'('.repeat(900)}ab${')'.repeat(900)}`)).toEqual([['ab']]);
  });
});

it('the cache compiles equal patterns once', () => {
  const patterns = new PatternCache();
  expect(patterns.get('a')).toBe(patterns.get('a'));
  expect(patterns.get('a')).not.toBe(patterns.get('b'));
});
