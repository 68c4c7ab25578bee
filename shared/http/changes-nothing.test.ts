/** When an edit changes nothing, by the declaration of its operation. */
import { z } from 'zod';
import { changesNothing } from './changes-nothing';
import { mergePatchOf } from './merge-patch';
import { operation } from './operation';

const account = { host: z.string().trim(), user: z.string().optional() };
const input = z.strictObject({
  name: z.string().trim(),
  note: z.string().default(''),
  account: z.strictObject({ ...account, password: z.string().optional() }).optional(),
  tags: z.array(z.strictObject({ id: z.string().optional(), text: z.string() })).default([]),
});
const view = z.object({
  id: z.string(),
  name: z.string(),
  note: z.string(),
  account: z.object({ ...account, passwordSet: z.boolean() }).optional(),
  tags: z.array(z.object({ id: z.string(), text: z.string(), createdAt: z.string() })),
});
const current = {
  id: '1',
  name: 'a',
  note: '',
  account: { host: 'mail', passwordSet: true },
  tags: [
    { id: 'x', text: 'first', createdAt: '2030-01-01' },
    { id: 'y', text: 'second', createdAt: '2030-01-01' },
  ],
};
const [first, second] = [
  { id: 'x', text: 'first' },
  { id: 'y', text: 'second' },
];

const edit = (method: 'PUT' | 'PATCH') =>
  operation({
    id: 'edit',
    method,
    path: '/api/v1/edits',
    tag: 'Edits',
    summary: 'Edit',
    access: 'anybody',
    body: method === 'PUT' ? input : mergePatchOf(input),
    success: { status: 200, description: 'Edited', body: view },
    edits: { current: () => current, whole: input },
    handle: async () => ({ body: current }),
  });

it.each<[boolean, object]>([
  [true, {}],
  [true, { name: ' a ', note: null }],
  [true, { account: { user: null } }],
  [true, { account: { host: ' mail ' } }],
  [true, { tags: [first, second] }],
  [false, { name: 'b' }],
  [false, { account: null }],
  [false, { account: { user: '' } }],
  [false, { tags: [second, first] }],
  [false, { tags: [first] }],
  // What no answer shows may be another one, or be removed.
  [false, { account: { password: 'secret' } }],
  [false, { account: { password: null } }],
  // Invalid as a whole: the handler says so.
  [false, { name: null }],
])('OPS-2: that PATCH changes nothing is %s of %j', (expected, body) => {
  const operation = edit('PATCH');
  expect(changesNothing(operation, operation.body?.parse(body), current)).toBe(expected);
});

it.each<[boolean, object]>([
  [true, { name: 'a ', account: { host: 'mail' }, tags: [first, second] }],
  [true, { tags: [first, second], account: { host: 'mail', user: undefined }, note: '', name: 'a' }],
  [false, { name: 'a', account: { host: 'mail' } }],
  [false, { name: 'a', tags: [first, second] }],
  [false, { name: 'a', account: { host: 'mail', password: 'secret' }, tags: [first, second] }],
  [false, { name: 'a', account: { host: 'mail' }, tags: [{ text: 'first' }, second] }],
])('OPS-2: that PUT changes nothing is %s of %j', (expected, body) => {
  const operation = edit('PUT');
  expect(changesNothing(operation, operation.body?.parse(body), current)).toBe(expected);
});
