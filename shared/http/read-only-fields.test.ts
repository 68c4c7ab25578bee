/** An answer that was edited is split into what can be changed and what cannot. */
import { z } from 'zod';
import { withoutReadOnlyFields } from './read-only-fields';

const rule = z.strictObject({ id: z.string().optional(), name: z.string() });
const input = z.strictObject({
  name: z.string(),
  limit: z.union([z.int(), z.strictObject({ configured: z.int() }).transform((limit) => limit.configured)]),
  mail: z.strictObject({ host: z.string(), password: z.string().optional() }).optional(),
  rules: z.array(rule).default([]),
});
const view = z.object({
  id: z.string(),
  name: z.string(),
  limit: z.object({ configured: z.int(), effective: z.int() }),
  mail: z.object({ host: z.string(), passwordSet: z.boolean() }).optional(),
  rules: z.array(z.object({ id: z.string(), name: z.string(), createdAt: z.string() })),
  place: z.object({ instance: z.string(), name: z.string().optional() }),
  likes: z.int(),
});

const CURRENT = {
  id: '1',
  name: 'a',
  limit: { configured: 300, effective: 25 },
  mail: { host: 'mail', passwordSet: true },
  rules: [
    { id: 'r1', name: 'one', createdAt: 'then' },
    { id: 'r2', name: 'two', createdAt: 'now' },
  ],
  place: { instance: 'sql', name: undefined },
  likes: 3,
};

const split = (body: unknown, current: unknown = CURRENT) =>
  withoutReadOnlyFields(body, { input, view, volatile: ['likes'] }, current);
const pointersOf = (body: unknown, current?: unknown) =>
  split(body, current).changed.map(({ pointer }) => pointer);
const sent = (change: object = {}) => ({
  ...(JSON.parse(JSON.stringify(CURRENT)) as typeof CURRENT),
  ...change,
});

it('OPS-2: an answer sent back unchanged loses its read-only fields, and nothing is refused', () => {
  const { body, changed } = split(sent());
  expect(changed).toEqual([]);
  expect(body).toEqual({
    name: 'a',
    limit: { configured: 300 },
    mail: { host: 'mail' },
    rules: [
      { id: 'r1', name: 'one' },
      { id: 'r2', name: 'two' },
    ],
  });
  expect(input.safeParse(body).success).toBe(true);
});

it('OPS-2: each changed read-only field is named, at any depth', () => {
  const body = sent({
    id: '2',
    limit: { configured: 1, effective: 1 },
    mail: { host: 'mail', passwordSet: false },
    rules: [{ id: 'r2', name: 'two', createdAt: 'never' }],
    place: { instance: 'other' },
  });
  expect(pointersOf(body)).toEqual([
    '/id',
    '/limit/effective',
    '/mail/passwordSet',
    '/rules/0/createdAt',
    '/place',
  ]);
});

it('compares the entries of a list by id, so that they can be reordered, added and removed', () => {
  const [one, two] = sent().rules;
  expect(pointersOf(sent({ rules: [two, { name: 'new' }, one] }))).toEqual([]);
  expect(pointersOf(sent({ rules: [two] }))).toEqual([]);
  expect(pointersOf(sent({ rules: [{ name: 'new', createdAt: 'then' }] }))).toEqual(['/rules/0/createdAt']);
  expect(pointersOf(sent({ rules: [{ ...two, id: 'r1' }] }))).toEqual(['/rules/0/createdAt']);
});

it('accepts any value of a field that changes by itself', () => {
  expect(pointersOf(sent({ likes: 99 }))).toEqual([]);
  expect(split(sent({ likes: 99 })).body).not.toHaveProperty('likes');
});

it('leaves unknown fields, and what is no object, to the validation', () => {
  expect(split({ nam: 1 }).body).toEqual({ nam: 1 });
  expect(JSON.stringify(split(JSON.parse('{"__proto__":{"id":1}}')).body)).toBe('{"__proto__":{"id":1}}');
  for (const body of [null, undefined, [], 'text', 1, { rules: 'x' }, { rules: [null, 1] }, { mail: null }])
    expect(split(body)).toEqual({ body, changed: [] });
});

it('takes null for a field that is absent, and for nothing else', () => {
  expect(pointersOf({ place: null }, { id: '1' })).toEqual([]);
  expect(pointersOf({ id: null }, { id: '1' })).toEqual(['/id']);
});

it('refuses read-only fields of what does not exist yet', () => {
  expect(pointersOf({ id: '1', name: 'a' }, null)).toEqual(['/id']);
});
