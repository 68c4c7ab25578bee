/** The parser throws only its own error; the evaluator agrees with a naive interpretation of a filter. */
import fc from 'fast-check';
import { compileRows } from './evaluate';
import { parseQuery } from './parser';
import { QuerySyntaxError } from './tokenizer';
import { compareStrings, type JsonObject } from './values';

const words = (
  'SELECT FROM WHERE ORDER BY VALUE TOP DISTINCT OFFSET LIMIT JOIN IN EXISTS ARRAY NOT AND OR BETWEEN LIKE ESCAPE ' +
  'GROUP AS ASC DESC COUNT MAX CONTAINS LOWER null true undefined c c.a root @p 1 .5 1e9 0x1F "text" \'it\' ( ) [ ] { } ' +
  ', . : ? ?? = != <> < <= > >= + - * / % || & | ^ ~ -- "\\u0041" "open'
).split(' ');

function failsOnlyBySyntax(text: string): void {
  try {
    parseQuery(text, new Map([['@p', 1]]));
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
  }
}

describe('parseQuery', () => {
  it('raises nothing but its syntax error for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), failsOnlyBySyntax));
  });

  it('raises nothing but its syntax error for any sequence of tokens', () => {
    const tokens = fc.array(fc.constantFrom(...words), { maxLength: 30 });
    fc.assert(
      fc.property(tokens, (sequence) => failsOnlyBySyntax(`SELECT ${sequence.join(' ')}`)),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['brackets', `SELECT VALUE ${'('.repeat(50_000)}`],
    ['NOT', `SELECT * FROM c WHERE ${'NOT '.repeat(50_000)} true`],
    ['signs', `SELECT VALUE ${'-'.repeat(2)} ${'- '.repeat(50_000)} 1`],
    ['conjunctions', `SELECT * FROM c WHERE ${'c.a AND '.repeat(50_000)} true`],
    ['steps', `SELECT VALUE c${'.a'.repeat(50_000)} FROM c`],
    ['subqueries', `SELECT VALUE ${'(SELECT VALUE '.repeat(50_000)}`],
  ])('refuses too many %s before the stack is exhausted', (_what, text) => {
    expect(() => parseQuery(text)).toThrow(QuerySyntaxError);
  });

  it('reports the position of the error', () => {
    let error: unknown;
    try {
      parseQuery('SELECT * FROM c WHERE c.n =');
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ name: 'QuerySyntaxError', position: 27 });
  });

  it('reads every string that it is given as a JSON literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { select } = parseQuery(`SELECT VALUE ${JSON.stringify(text)}`);
        expect(select).toEqual({ kind: 'value', expression: { kind: 'constant', value: text } });
      }),
    );
  });
});

type Truth = boolean | undefined;

/** A filter as text, with its naive interpretation. */
interface Filter {
  readonly text: string;
  readonly test: (document: JsonObject) => Truth;
}

const fields = ['a', 'b', 'odd key'];
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, '', 'x', 'X', 'xy'),
  fc.integer({ min: -2, max: 2 }),
);
const document = fc.dictionary(fc.constantFrom(...fields), scalar);

const comparison: fc.Arbitrary<Filter> = fc
  .record({
    field: fc.constantFrom(...fields),
    operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    value: scalar,
  })
  .map(({ field, operator, value }) => ({
    text: `c[${JSON.stringify(field)}] ${operator} ${JSON.stringify(value)}`,
    test: (doc) => {
      const own = doc[field];
      if (own === undefined) return undefined;
      if (operator === '=') return own === value;
      if (operator === '!=') return own !== value;
      if (typeof own !== typeof value || (own === null) !== (value === null)) return undefined;
      const order =
        typeof own === 'string' && typeof value === 'string'
          ? compareStrings(own, value)
          : Number(own) - Number(value);
      return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator];
    },
  }));

const filter = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    comparison,
    tie('filter').map(({ text, test }) => ({
      text: `NOT (${text})`,
      test: (doc: JsonObject) => {
        const truth = test(doc);
        return truth === undefined ? undefined : !truth;
      },
    })),
    fc.tuple(tie('filter'), tie('filter'), fc.boolean()).map(([left, right, isAnd]) => ({
      text: `(${left.text}) ${isAnd ? 'AND' : 'or'} (${right.text})`,
      test: (doc: JsonObject) => {
        const truths = [left.test(doc), right.test(doc)];
        if (truths.includes(!isAnd)) return !isAnd;
        return truths.includes(undefined) ? undefined : isAnd;
      },
    })),
  ),
})).filter;

describe('a filter', () => {
  it('selects the same documents as a naive interpretation', () => {
    fc.assert(
      fc.property(filter, fc.array(document, { maxLength: 10 }), ({ text, test }, documents) => {
        const { where } = parseQuery(`SELECT * FROM c WHERE ${text}`);
        const rows = compileRows([], where, ['c']);
        const selected = documents.filter((value) => [...rows({ name: 'c', value })].length > 0);
        expect(selected).toEqual(documents.filter((value) => test(value) === true));
      }),
      { numRuns: 500 },
    );
  });
});
