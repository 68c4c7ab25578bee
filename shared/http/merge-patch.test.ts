/** JSON Merge Patch: the examples of RFC 7396, and what holds for all patches. */
import fc from 'fast-check';
import { z } from 'zod';
import { applyMergePatch, mergePatchOf } from './merge-patch';

// RFC 7396, appendix A.
it.each<[unknown, unknown, unknown]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j patched with %j is %j', (target, patch, result) => {
  expect(applyMergePatch(target, patch)).toEqual(result);
});

const json = fc.jsonValue({ maxDepth: 3 });

it('changes neither target nor patch, and has the same effect when it is applied again', () => {
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const once = applyMergePatch(target, patch);
      expect(JSON.stringify([target, patch])).toBe(before);
      expect(applyMergePatch(once, patch)).toEqual(once);
    }),
  );
});

it('leaves what an empty patch does not name', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), (target) => {
      expect(applyMergePatch(target, {})).toEqual({ ...target });
    }),
  );
});

it('takes hostile names for names', () => {
  const patch: unknown = JSON.parse(
    '{"__proto__": {"admin": true}, "constructor": {"prototype": {"admin": true}}}',
  );
  const result = applyMergePatch({}, patch) as Record<string, unknown>;
  expect(result['admin']).toBeUndefined();
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  expect(JSON.stringify(result)).toBe(JSON.stringify(patch));
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

describe('the schema of a patch', () => {
  const schema = mergePatchOf(
    z.strictObject({
      name: z.string().min(1),
      size: z.int().default(5),
      inner: z
        .strictObject({ a: z.int(), b: z.int() })
        .refine(({ a, b }) => a < b)
        .optional(),
    }),
  );

  it('needs no field, sets no default, and takes null for any', () => {
    expect(schema.parse({})).toEqual({});
    expect(schema.parse({ name: null, size: null, inner: null })).toEqual({
      name: null,
      size: null,
      inner: null,
    });
    expect(schema.parse({ inner: { a: 1 } })).toEqual({ inner: { a: 1 } });
  });

  it.each([{ name: '' }, { size: 'x' }, { other: 1 }, { inner: { c: 1 } }, { inner: 1 }, [], null])(
    'refuses %j',
    (patch) => {
      expect(schema.safeParse(patch).success).toBe(false);
    },
  );
});
