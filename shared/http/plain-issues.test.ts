/** What the validator finds reads as plain sentences. */
import { z } from 'zod';
import { plainIssues } from './plain-issues';

function messagesOf(schema: z.ZodType, value: unknown): [string, string][] {
  const { error } = schema.safeParse(value);
  return plainIssues(error?.issues ?? []).map(({ path, message }) => [path.map(String).join('.'), message]);
}

it.each<[string, z.ZodType, unknown, string]>([
  ['a missing text', z.string(), undefined, 'Is required: specify a text.'],
  ['a missing number', z.int(), undefined, 'Is required: specify a number.'],
  ['another kind', z.string(), 5, 'Must be a text, not a number.'],
  ['null', z.array(z.string()), null, 'Must be a list, not null.'],
  ['a list', z.strictObject({}), [], 'Must be an object, not a list.'],
  ['true', z.number(), true, 'Must be a number, not true.'],
  ['a fraction', z.int(), 1.5, 'Must be a whole number.'],
  ['a text that is too long', z.string().max(3), 'abcd', 'Is too long: at most 3 characters.'],
  ['a text that is too short', z.string().min(2), 'a', 'Is too short: at least 2 characters.'],
  ['an empty text', z.string().min(1), '', 'Must not be empty.'],
  ['too many entries', z.array(z.int()).max(1), [1, 2], 'Has too many entries: at most 1.'],
  ['too few entries', z.array(z.int()).min(2), [1], 'Has too few entries: at least 2.'],
  ['a large number', z.int().max(200), 201, 'Must be at most 200.'],
  ['a small number', z.int().min(1), 0, 'Must be at least 1.'],
  ['a number at its limit', z.number().gt(0), 0, 'Must be greater than 0.'],
  ['another choice', z.enum(['a', 'b']), 'c', 'Must be one of: a, b.'],
  ['another constant', z.literal(true), false, 'Must be true.'],
  ['no UUID', z.uuid(), 'x', 'Must be a UUID such as 0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55.'],
  ['another pattern', z.string().regex(/^a/), 'b', 'Must be written in the documented form.'],
  ['a message of its own', z.string().regex(/^a/, 'Start with a.'), 'b', 'Start with a.'],
  ['no multiple', z.int().multipleOf(5), 3, 'Must be a multiple of 5.'],
])('explains %s', (_what, schema, value, message) => {
  expect(messagesOf(schema, value)).toEqual([['', message]]);
});

it.each(['2026-02-30T00:00:00Z', '2026-11-29T24:00:00Z', '2026-11-29T00:00:00', '2026-11-29', 'yesterday'])(
  'explains that %j is no date and time',
  (text) => {
    const [[, message = ''] = []] = messagesOf(z.iso.datetime({ offset: true }), text);
    expect(message).toMatch(/^Must be an existing date and time with an offset/);
  },
);

it('gives examples that are valid', () => {
  const formats = [
    z.uuid(),
    z.guid(),
    z.email(),
    z.url(),
    z.iso.datetime({ offset: true }),
    z.iso.date(),
    z.ipv4(),
    z.ipv6(),
  ];
  for (const schema of [...formats, z.iso.time(), z.cidrv4(), z.cidrv6(), z.hostname()]) {
    const [[, message = ''] = []] = messagesOf(schema, '?');
    const examples = / such as (.+)\.$/.exec(message)?.[1]?.split(' or ') ?? [];
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.filter((example) => !schema.safeParse(example).success)).toEqual([]);
  }
});

it('points at each unknown field', () => {
  const schema = z.strictObject({ a: z.strictObject({}) });
  expect(messagesOf(schema, { a: { x: 1, y: 2 } }).map(([path]) => path)).toEqual(['a.x', 'a.y']);
});

it('points into the alternative that was meant', () => {
  const schema = z.object({ limit: z.union([z.int(), z.strictObject({ configured: z.int().max(5) })]) });
  expect(messagesOf(schema, { limit: { configured: 9 } })).toEqual([
    ['limit.configured', 'Must be at most 5.'],
  ]);
  expect(messagesOf(schema, { limit: 'x' })).toEqual([
    ['limit', 'Has none of the documented forms: see the API documentation.'],
  ]);
});

it('lists the choices of a field that decides between alternatives', () => {
  const schema = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('one') }),
    z.object({ kind: z.enum(['two', 'three']) }),
  ]);
  expect(messagesOf(schema, { kind: 'four' })).toEqual([['kind', 'Must be one of: one, two, three.']]);
});
