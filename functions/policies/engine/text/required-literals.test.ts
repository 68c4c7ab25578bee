import { Patterns } from './pattern-cache';
import { requiredFactors } from './required-literals';
import { compilePattern } from './case-folding';

describe('the factors of a pattern', () => {
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
  ])('%s are %j', (pattern, factors) => {
    expect(requiredFactors(pattern)).toEqual(factors);
    expect(() => compilePattern(pattern)).not.toThrow();
  });

  it('are not multiplied beyond measure', () => {
    const many = requiredFactors('(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)');
    expect(many.every((factor) => factor.length <= 16)).toBe(true);
    expect(requiredFactors(`(${'a|'.repeat(4_000)}a)`)).toHaveLength(1);
  });

  it('of a pattern of digits are runs of digits with what is between them', () => {
    const [best = []] = requiredFactors('\\d{3}-\\d{2}-\\d{4}').filter((factor) => factor.includes('4-7'));
    expect(best).toHaveLength(100);
    expect(best).toEqual(expect.arrayContaining(['0-0', '4-7']));
  });

  it('of a deeply nested pattern are found', () => {
    expect(requiredFactors(`${'('.repeat(900)}ab${')'.repeat(900)}`)).toEqual([['ab']]);
  });
});

it('the patterns of a policy are shared by those who use them', () => {
  const patterns = new Patterns();
  expect(patterns.of('a')).toBe(patterns.of('a'));
  expect(patterns.of('a')).not.toBe(patterns.of('b'));
});
