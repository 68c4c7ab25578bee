/** The SQL filter passes every document that the evaluator selects, and only those when it is exact. */
import fc from 'fast-check';
import { compileRows } from '../query/evaluate';
import { parseQuery } from '../query/parser';
import { type Json, type JsonObject } from '../query/values';
import { pushDown } from './filter-pushdown';
import { Sqlite } from './sqlite';

const text = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'b', 'A', 'é', '\uFFFF', '😀', '😀b', '"', '\\', '[1]', '1', '%', 'null'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const number = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.1, 2 ** 53, 2 ** 60, 1e21, 1e-7, 5e-324),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const scalar: fc.Arbitrary<Json> = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<Json> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(text, scalar, { maxKeys: 2 }),
);
const field = fc.constantFrom('a', 'b', "it's", 'q"q', 'tab\t');
const documents = fc.array(fc.dictionary(field, value), { minLength: 1, maxLength: 8 });

const path = field.map((name) => `c[${JSON.stringify(name)}]`);
const literal = scalar.map((constant) => JSON.stringify(constant));
const quoted = text.map((constant) => JSON.stringify(constant));

const atom = fc.oneof(
  fc.tuple(path, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), literal).map((parts) => parts.join(' ')),
  fc.tuple(literal, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), path).map((parts) => parts.join(' ')),
  fc
    .tuple(path, fc.array(literal, { minLength: 1, maxLength: 3 }))
    .map(([subject, list]) => `${subject} IN (${list.join(', ')})`),
  fc.tuple(path, literal, literal).map(([subject, low, high]) => `${subject} BETWEEN ${low} AND ${high}`),
  fc
    .tuple(
      fc.constantFrom('CONTAINS', 'STARTSWITH', 'ENDSWITH'),
      path,
      quoted,
      fc.constantFrom('', ', true', ', false'),
    )
    .map(([name, subject, sought, flag]) => `${name}(${subject}, ${sought}${flag})`),
  fc.tuple(path, literal).map(([subject, sought]) => `ARRAY_CONTAINS(${subject}, ${sought})`),
  fc
    .tuple(fc.constantFrom('VALUE i', 'VALUE i.x', 'i.x'), path, literal)
    .map(([selected, list, sought]) => `EXISTS(SELECT ${selected} FROM i IN ${list} WHERE i = ${sought})`),
  fc
    .tuple(
      fc.constantFrom('', 'NOT '),
      fc.constantFrom('DEFINED', 'NULL', 'BOOL', 'NUMBER', 'STRING', 'ARRAY', 'OBJECT'),
      path,
    )
    .map(([not, type, subject]) => `${not}IS_${type}(${subject})`),
  path,
  path.map((subject) => `NOT ${subject}`),
  path.map((subject) => `LENGTH(${subject}) > 1`),
);

const condition = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    atom,
    fc
      .tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition'))
      .map(([l, op, r]) => `(${l} ${op} ${r})`),
    tie('condition').map((inner) => `NOT (${inner})`),
  ),
})).condition;

describe('filter pushdown', () => {
  const sqlite = new Sqlite(':memory:');
  sqlite.exec('CREATE TABLE docs (seq INTEGER PRIMARY KEY, body TEXT)');
  afterAll(() => sqlite.close());

  it('loses no document, and passes no other when it is exact', () => {
    fc.assert(
      fc.property(condition, documents, (filter, bodies) => {
        sqlite.run('DELETE FROM docs');
        for (const [seq, body] of bodies.entries()) {
          sqlite.run('INSERT INTO docs VALUES (?, ?)', seq, JSON.stringify(body));
        }
        const { where } = parseQuery(`SELECT * FROM c WHERE ${filter}`);
        const pushed = where && pushDown(where, 'c');
        if (!pushed) return;
        const passed = sqlite
          .all<{ seq: number }>(`SELECT seq FROM docs WHERE ${pushed.sql} ORDER BY seq`, ...pushed.args)
          .map(({ seq }) => seq);
        const rows = compileRows([], where, ['c']);
        const selects = (seq: number) =>
          [...rows({ name: 'c', value: JSON.parse(JSON.stringify(bodies[seq])) as JsonObject })].length > 0;
        const selected = [...bodies.keys()].filter(selects);
        if (pushed.exact) expect(passed).toEqual(selected);
        else expect(passed).toEqual(expect.arrayContaining(selected));
        for (const terms of pushed.seeks) {
          const union = terms.map(({ sql }) => `(${sql})`).join(' OR ');
          const args = terms.flatMap((term) => term.args);
          const sought = sqlite.all<{ seq: number }>(`SELECT seq FROM docs WHERE ${union}`, ...args);
          expect(sought.map(({ seq }) => seq)).toEqual(expect.arrayContaining(selected));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
