import { HUGE_PATTERNS } from '../../../../tests/support/hostile-policies';
import { compilePattern } from './pattern';
import { estimatedSize, MAX_PATTERN_INSTRUCTIONS, patternSize } from './pattern-size';

it.each(HUGE_PATTERNS.map((pattern) => [pattern.slice(0, 40), pattern]))(
  'RSP-2: the size of %s is found at once, and is beyond the limit',
  (_name, pattern) => {
    const start = performance.now();
    expect(patternSize(pattern)).toBeGreaterThan(MAX_PATTERN_INSTRUCTIONS);
    expect(performance.now() - start).toBeLessThan(1_000);
  },
);

const ORDINARY = [
  String.raw`^cmd\.exe$`,
  String.raw`\b\d{1,3}(?:\.\d{1,3}){3}\b`,
  '(?i)powershell.*-enc(?:odedcommand)?\\s+[A-Za-z0-9+/=]{40,200}',
  String.raw`\Qa|b{3}\E|[[:alpha:]\]]{2,5}|\pL+\p{Greek}?\x{263a}\x41`,
  '(?P<name>a(?:b|c){3,})[]x]*[^]]',
  Array.from({ length: 250 }, (_, index) => `word${index * 7919}`).join('|'),
];

it.each(ORDINARY.map((pattern) => [pattern.slice(0, 40), pattern]))(
  'RSP-2: %s is within the limit, and the estimate is near its size',
  (_name, pattern) => {
    const { size } = compilePattern(pattern);
    expect(patternSize(pattern)).toBe(size);
    expect(size).toBeLessThanOrEqual(MAX_PATTERN_INSTRUCTIONS);
    expect(estimatedSize(pattern)).toBeGreaterThan(size / 2.5);
    expect(estimatedSize(pattern)).toBeLessThan(size * 2.5);
  },
);

it.each([
  '['.repeat(10_000),
  '[[:'.repeat(3_333),
  '('.repeat(10_000),
  '\\'.repeat(9_999),
  '(?:a'.repeat(2_500),
])('RSP-2: a malformed pattern takes no longer to estimate (%#)', (pattern) => {
  const start = performance.now();
  estimatedSize(pattern);
  expect(performance.now() - start).toBeLessThan(200);
});
