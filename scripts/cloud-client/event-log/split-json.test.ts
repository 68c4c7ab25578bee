import fc from 'fast-check';
import { isObject } from './json-values';
import { JsonSplitter, MALFORMED } from './split-json';

const isRecord = (value: unknown): boolean => isObject(value) && Object.hasOwn(value, 'EventID');

/** The values of a text that comes in pieces of a size; undefined for what is malformed. */
function values(text: string, size = text.length || 1): unknown[] {
  const splitter = new JsonSplitter(isRecord);
  const found: unknown[] = [];
  for (let at = 0; at < text.length; at += size) found.push(...splitter.push(text.slice(at, at + size)));
  return [...found, ...splitter.end()].map((value) => (value === MALFORMED ? undefined : value));
}

const RECORDS = [{ a: 1 }, { b: 'x "{[,]}" \\ y', c: { d: ['e'] } }, { f: 'line\nfeed' }];

test.each([
  ['lines', RECORDS.map((record) => JSON.stringify(record)).join('\n')],
  [
    'lines with CR and LF and empty ones between',
    RECORDS.map((record) => JSON.stringify(record)).join('\r\n\r\n'),
  ],
  ['a compact array', JSON.stringify(RECORDS)],
  ['an array with one record a line', `[\n${RECORDS.map((record) => JSON.stringify(record)).join(',\n')}\n]`],
  ['a pretty-printed array', JSON.stringify(RECORDS, null, 4)],
  [
    'pretty-printed records one after the other',
    RECORDS.map((record) => JSON.stringify(record, null, 2)).join('\n'),
  ],
  ['a text that begins with a byte order mark', `\ufeff${JSON.stringify(RECORDS)}`],
])('%s is cut into its records', (_, text) => {
  expect(values(text)).toEqual(RECORDS);
});

test.each([
  ['a line that breaks off in a text', '{"a":"b'],
  ['a line that breaks off between fields', '{"a":1,"b":'],
  ['a line that is no JSON', 'level=info msg=started'],
])('CCL-9: %s costs that line alone', (_, line) => {
  expect(values(`{"a":1}\n${line}\n{"b":2}`)).toEqual([{ a: 1 }, undefined, { b: 2 }]);
});

test('a text that ends within a pretty-printed record loses that record alone', () => {
  expect(values('{"a":1}\n{\n  "b":')).toEqual([{ a: 1 }, undefined]);
});

test('a record above the size limit is skipped, and the next line is read', () => {
  const found = values(`{"a":"${'x'.repeat(5_000_000)}"}\n{"b":2}`, 65_536);
  expect(found).toEqual([undefined, { b: 2 }]);
});

test('where the chunks are split makes no difference', () => {
  const record = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(record), fc.boolean(), fc.integer({ min: 1, max: 9 }), (records, isPretty, size) => {
      const text = isPretty
        ? JSON.stringify(records, null, 2)
        : records.map((value) => JSON.stringify(value)).join('\n');
      expect(values(text, size)).toEqual(values(text));
      expect(values(text)).toEqual(records.map((value) => JSON.parse(JSON.stringify(value)) as unknown));
    }),
  );
});

test('it throws for no text', () => {
  const text = fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', '\n', 'a', ':') });
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 5 }), (some, size) => void values(some, size)));
});
