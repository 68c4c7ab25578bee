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

const record = (number: number, more: object = {}): object => ({ EventID: number, ...more });
const pretty = (value: object, indent = 2): string => JSON.stringify(value, null, indent);

describe('CCL-9: after a broken record reading goes on with the next one:', () => {
  const broken = pretty(record(1, { a: 'x', b: { c: [1, 2] } })).split('\n');

  test.each([
    [
      'a pretty-printed record that breaks off',
      `${broken.slice(0, 3).join('\n')}\n${pretty(record(2))}\n${pretty(record(3))}`,
    ],
    [
      'one that breaks off in a text',
      `{\n  "EventID": 1,\n  "a": "x\n${pretty(record(2))}\n${pretty(record(3))}`,
    ],
    [
      'one that breaks off before a value',
      `{\n  "EventID": 1,\n  "a":\n${pretty(record(2))}\n${pretty(record(3))}`,
    ],
    ['one that breaks off in a list', `{\n  "a": [\n${pretty(record(2))}\n${pretty(record(3))}`],
    [
      'one that lacks a comma',
      `${pretty(record(1, { a: 1, b: 2 })).replace(/1,\n {2}"b/, '1\n  "b')}\n${pretty(record(2))}\n${pretty(record(3))}`,
    ],
    [
      'one of an array',
      `[\n  {\n    "EventID": 1,\n    "a": tru\n  },\n  ${pretty(record(2))},\n  ${pretty(record(3))}\n]`,
    ],
    [
      'one of a wrapper',
      `{ "value": [\n  {"EventID":0},\n  {"EventID":1,"a":"x\n  {"EventID":2},\n  {"EventID":3}\n] }`,
    ],
    ['a line that breaks off without an end of the line', `{"EventID":1,"a":"x{"EventID":2}\n{"EventID":3}`],
    ['a line of which the beginning is missing', `D":1,"a":"x"}{"EventID":2}\n{"EventID":3}`],
  ])('%s', (_, text) => {
    const found = values(text).filter(
      (value) => value === undefined || Number((value as { EventID: number }).EventID) > 0,
    );
    expect(found.filter((value) => value !== undefined)).toEqual([record(2), record(3)]);
    expect(found).toHaveLength(3);
  });
});

test.each([
  ['lines of a table', 'Id,Host,User\n0,a,b\n1,[a],{b}\n', 3],
  ['a record with a part that looks like one', '{"EventID":1,"a":{"b":{"c":1}},"d"', 1],
])('CCL-9: %s count once each', (_, text, count) => {
  expect(values(text)).toEqual(Array(count).fill(undefined));
});

describe('CCL-9: a wrapper around records', () => {
  const records = [record(1, { tags: [{ a: 1 }] }), record(2), record(3)];

  test.each([
    ['on one line', JSON.stringify({ '@odata.context': 'x', value: records, nextLink: 'y' })],
    ['pretty-printed', pretty({ took: 3, hits: { total: { value: 3 }, hits: records } })],
    ['that is long', JSON.stringify({ value: records, end: 'x'.repeat(10) })],
  ])('%s yields the records', (_, text) => {
    expect(values(text)).toEqual(records);
    expect(values(`${text}\n{"EventID":4}`, 7)).toEqual([...records, record(4)]);
  });

  test('that breaks off costs one, and no record that is whole', () => {
    const text = JSON.stringify({ value: records });
    expect(values(text.slice(0, -1))).toEqual([...records, undefined]);
    expect(values(text.slice(0, -5))).toEqual([...records.slice(0, 2), undefined]);
  });

  test('may be longer than a record', () => {
    const many = Array.from({ length: 50_000 }, (_, index) => record(index, { text: 'x'.repeat(100) }));
    expect(values(JSON.stringify({ value: many }), 65_536)).toHaveLength(many.length);
  });
});

test('CCL-9: whatever breaks off, whole records are read and the rest is counted', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '{', '}', '[', ']', '"', '\\', ',', ':', '\n', 'ü') });
  const value = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.constant(null), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value')),
  })).object;
  const written = fc
    .tuple(fc.nat(99), fc.tuple(value, value), fc.boolean(), fc.boolean())
    .map(([number, [before, after], isPretty]) =>
      JSON.stringify({ ...before, EventID: number, ...after }, null, isPretty ? 2 : 0),
    );
  const piece = fc.tuple(
    written,
    fc.option(fc.double({ min: 0, max: 0.999, noNaN: true }), { nil: undefined }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('\n', '\r\n', ''), (pieces, between) => {
      const cut = pieces.map(([whole, share]) =>
        share === undefined ? whole : whole.slice(0, 1 + Math.floor(share * (whole.length - 1))),
      );
      const found = values(cut.join(between));
      const whole = pieces
        .filter(([, share]) => share === undefined)
        .map(([one]) => JSON.parse(one) as unknown);
      const brokenCount = pieces.length - whole.length;
      expect(found.filter((one) => one !== undefined)).toEqual(whole);
      const counted = found.length - whole.length;
      if (between === '') expect([counted > 0, counted <= brokenCount]).toEqual([brokenCount > 0, true]);
      else expect(counted).toBe(brokenCount);
    }),
    { numRuns: 1_000 },
  );
});

test('CCL-9: an object that begins within a line and breaks off is one broken record', () => {
  const whole = JSON.stringify({ EventID: 0 });
  const pretty = JSON.stringify({ EventID: 0, a: [[{}]] }, null, 2);
  for (let length = 1; length < pretty.length; length++)
    expect(values(`${whole}${pretty.slice(0, length)}`)).toEqual([{ EventID: 0 }, undefined]);
});

test('CCL-9: hostile nesting is given up in a time that grows with its length', () => {
  for (const text of ['{"a":', '{"a":[', '{"a":\n', '[{"a":{"b":[\n']) {
    const begun = performance.now();
    values(text.repeat(5_000), 65_536);
    expect(performance.now() - begun).toBeLessThan(5_000);
  }
});

test('a text that ends within a pretty-printed record loses that record alone', () => {
  expect(values('{"a":1}\n{\n  "b":')).toEqual([{ a: 1 }, undefined]);
});

test('CCL-9: zeros in the place of records are one malformed record', () => {
  const zeros = '\0'.repeat(70_000);
  expect(values(`{"a":1}\n${zeros}\n{"b":2}\n`, 65_536)).toEqual([{ a: 1 }, undefined, { b: 2 }]);
  expect(values(`{"a":1}\n${zeros}`)).toEqual([{ a: 1 }, undefined]);
  expect(values(`{"a":1}\n{"b":"${zeros}\n{"c":3}`)).toEqual([{ a: 1 }, undefined, { c: 3 }]);
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
