/** Invalid values, and valid values with some of their parts made invalid. */
import fc from 'fast-check';

/** Represents a number that JSON can express and a double cannot. */
const TOO_LARGE_NUMBER = '\u0001too-large-number';

const HOSTILE_VALUES: unknown[] = [
  null,
  true,
  0,
  -0,
  -1,
  0.1,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  5e-324,
  TOO_LARGE_NUMBER,
  '',
  ' ',
  '\u0000',
  '\uD800',
  'x\uDC00y',
  '\uFEFF',
  '\u202Eabc',
  'İı',
  'x'.repeat(300),
  'x'.repeat(70_000),
  '👩‍👩‍👧‍👦'.repeat(200),
  '../../etc/passwd',
  "' OR 1=1 --",
  '{"$gt":""}',
  '%00%2F',
  '(a+)+$',
  '(?<=a)b\\1',
  '[',
  '9999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00Z',
  '2024-02-30T00:00:00Z',
  '2024-01-01T00:00:00+23:59',
  '00000000-0000-0000-0000-000000000000',
  '*',
  [],
  {},
  [null],
  [[[[[[]]]]]],
  { constructor: { prototype: { x: 1 } } },
  JSON.parse('{"__proto__":{"x":1},"toString":1}'),
];

/** Any JSON, with a preference for values that break programs. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE_VALUES) },
  fc.double(),
  fc.maxSafeInteger(),
  anyText(60),
  fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
  fc.nat({ max: 2_000 }).map((depth) => nested(depth)),
);

/** Text of any UTF-16 units, lone surrogates too. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code));
  return fc.oneof(fc.string({ maxLength, unit: 'binary' }), fc.string({ maxLength, unit }));
}

/** The value with up to `most` of its parts replaced, removed, added or repeated. */
export function invalidated(value: unknown, most: number): fc.Arbitrary<unknown> {
  const change = fc.record({
    where: fc.nat(),
    how: fc.constantFrom('replace', 'remove', 'add', 'repeat'),
    by: anyJson,
    name: fc.oneof(anyText(8), fc.constantFrom('__proto__', 'id', 'type', '_etag', 'customerId')),
  });
  return fc
    .array(change, { maxLength: most })
    .map((changes) => changes.reduce<unknown>((current, step) => applied(current, step), value));
}

interface Change {
  where: number;
  how: string;
  by: unknown;
  name: string;
}

/** Changes one of the value's parts: the one with index `where` in traversal order. */
function applied(value: unknown, change: Change): unknown {
  const parts = countParts(value);
  return at(value, change.where % parts, change);
}

function at(value: unknown, index: number, change: Change): unknown {
  if (index === 0) return changed(value, change);
  const entries = entriesOf(value);
  let before = 1;
  const result: [string, unknown][] = [];
  for (const [name, inner] of entries) {
    const parts = countParts(inner);
    const isHere = index >= before && index < before + parts;
    const isRemoved = isHere && index === before && change.how === 'remove';
    if (!isRemoved) result.push([name, isHere ? at(inner, index - before, change) : inner]);
    before += parts;
  }
  return rebuilt(value, result);
}

function changed(value: unknown, { how, by, name }: Change): unknown {
  if (how === 'add' && typeof value === 'object' && value !== null)
    return rebuilt(value, [...entriesOf(value), [name, by]]);
  if (how === 'repeat')
    return Array.isArray(value) ? [...(value as unknown[]), ...(value as unknown[])] : [value, value];
  return by;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function rebuilt(value: unknown, entries: [string, unknown][]): unknown {
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function countParts(value: unknown): number {
  return entriesOf(value).reduce((sum, [, inner]) => sum + countParts(inner), 1);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value };
  return value;
}

/** The value as JSON. */
export function written(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replaceAll(JSON.stringify(TOO_LARGE_NUMBER), '1e999');
}
