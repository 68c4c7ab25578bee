/** Pointers to what is wrong, and query text turned into values. */
import fc from 'fast-check';
import { z } from 'zod';
import { Problem } from '../problem';
import { jsonPointer, validateBody, validateQuery } from './validation';

it.each<[PropertyKey[], string]>([
  [[], ''],
  [['a', 0, 'b'], '/a/0/b'],
  [['a/b'], '/a~1b'],
  [['m~n'], '/m~0n'],
  [['~1'], '/~01'],
  [[''], '/'],
])('points to %j as %j (RFC 6901)', (path, pointer) => {
  expect(jsonPointer(path)).toBe(pointer);
});

it('writes pointers that can be read back', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (path) => {
      const read = jsonPointer(path).split('/').slice(1);
      expect(read.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))).toEqual(path);
    }),
  );
});

const schema = z.strictObject({
  text: z.string().optional(),
  count: z.int().min(0).default(7),
  ratio: z.number().nullable().optional(),
  flag: z.boolean().optional(),
});
const parse = (query: string) => validateQuery(schema, new URLSearchParams(query));

it.each([
  ['', { count: 7 }],
  ['count=0', { count: 0 }],
  ['count=007', { count: 7 }],
  ['ratio=-1.50', { count: 7, ratio: -1.5 }],
  ['flag=true&text=true', { count: 7, flag: true, text: 'true' }],
  ['flag=false&text=5', { count: 7, flag: false, text: '5' }],
  ['text=', { count: 7, text: '' }],
  ['text=a%2Fb+c', { count: 7, text: 'a/b c' }],
])('reads the query %j as %j', (query, value) => {
  expect(parse(query)).toEqual(value);
});

it.each([
  'count=1.5',
  'count=+1',
  'count=0x10',
  'count= 1',
  'ratio=.5',
  'ratio=Infinity',
  'flag=TRUE',
  'flag=1',
  'flag=',
])('refuses the query %j', (query) => {
  expect(() => parse(query)).toThrow(Problem);
});

it('refuses any parameter where none is declared', () => {
  expect(() => validateQuery(undefined, new URLSearchParams('a=1'))).toThrow(Problem);
  expect(validateQuery(undefined, new URLSearchParams())).toBeUndefined();
});

it('finds what only the whole query shows', () => {
  const range = z.strictObject({ from: z.int(), to: z.int() });
  const ordered = range.refine(({ from, to }) => from <= to, 'from comes before to');
  const check = () => validateQuery(ordered, new URLSearchParams('from=2&to=1'));
  expect(errorOf(check)).toMatchObject({ errors: [{ detail: 'from comes before to' }] });
});

it('says where a body is wrong, and leaves out what concerns all of it', () => {
  const named = z.strictObject({ name: z.string().optional() });
  const body = named.refine(({ name }) => name !== undefined, 'Give a name');
  const detailOf = (given: object) => errorOf(() => validateBody(body, given));
  expect(detailOf({ nam: 'x' })).toMatchObject({ detail: 'The body is not valid: /nam.' });
  expect(detailOf({})).toMatchObject({ detail: 'The body is not valid: see errors.' });
});

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
