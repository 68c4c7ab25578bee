/** Each rule of docs/api-change-policy.md with a change that breaks it, and its nearest neighbour that does not. */
import { type ApiDocument, breakingChanges } from './compare-openapi';
import type { Schema } from './compare-schema';

const text = { type: 'string' };

interface Parts {
  path?: string;
  operation?: Record<string, unknown>;
  parameters?: unknown[];
  request?: Schema;
  answer?: Schema;
  status?: string;
  responses?: Record<string, unknown>;
  schemas?: Record<string, Schema>;
}

/** A document with one operation. */
function api({
  path = '/things',
  operation,
  parameters = [],
  request,
  answer,
  status = '200',
  ...rest
}: Parts): ApiDocument {
  const content = (schema?: Schema) => schema && { content: { 'application/json': { schema } } };
  const described = {
    operationId: 'makeThing',
    security: [{ administrator: [] }],
    parameters,
    ...(request && { requestBody: { required: true, ...content(request) } }),
    responses: { [status]: content(answer) ?? {}, default: {}, ...rest.responses },
    ...operation,
  };
  return {
    paths: { [path]: { post: described } },
    components: { schemas: rest.schemas ?? {} },
  } as unknown as ApiDocument;
}

const object = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const query = (name: string, required: boolean, schema: Schema = text) => ({
  name,
  in: 'query',
  required,
  schema,
});
const request = (schema: Schema): Parts => ({ request: object({ field: schema }) });
const answer = (schema: Schema): Parts => ({ answer: object({ field: schema }) });
const tagged = (...kinds: string[]): Schema => ({
  oneOf: kinds.map((kind) => object({ kind: { type: 'string', const: kind } }, ['kind'])),
});
const kinds = (...values: string[]): Schema => object({ kind: { type: 'string', enum: values } }, ['kind']);

const AT = 'POST /things';

/** rule, what is done, before, after, where it is found */
const BREAKING: [string, string, Parts, Parts, string][] = [
  ['operation-removed', 'another path', {}, { path: '/items' }, AT],
  ['operation-renamed', 'another id', {}, { operation: { operationId: 'createThing' } }, AT],
  ['security-changed', 'another way to sign in', {}, { operation: { security: [{ cloudClient: [] }] } }, AT],
  ['parameter-removed', 'a parameter is gone', { parameters: [query('top', false)] }, {}, AT],
  ['parameter-required', 'a new parameter is required', {}, { parameters: [query('top', true)] }, AT],
  [
    'parameter-required',
    'a parameter becomes required',
    { parameters: [query('top', false)] },
    { parameters: [query('top', true)] },
    AT,
  ],
  [
    'request-narrowed',
    'a parameter is narrowed',
    { parameters: [query('top', false, { type: 'integer', maximum: 200 })] },
    { parameters: [query('top', false, { type: 'integer', maximum: 100 })] },
    `${AT} query parameter top`,
  ],
  ['request-body-removed', 'the body is gone', { request: object({}) }, {}, AT],
  ['request-body-required', 'a body is required', {}, { request: object({}) }, AT],
  [
    'request-field-required',
    'a new field is required',
    { request: object({}) },
    { request: object({ field: text }, ['field']) },
    `${AT} body /field`,
  ],
  [
    'request-field-required',
    'a field becomes required',
    { request: object({ field: text }) },
    { request: object({ field: text }, ['field']) },
    `${AT} body /field`,
  ],
  [
    'field-removed',
    'a field of the request is gone',
    request(text),
    { request: object({}) },
    `${AT} body /field`,
  ],
  [
    'request-narrowed',
    'a type is narrowed',
    request({ type: 'number' }),
    request({ type: 'integer' }),
    `${AT} body /field`,
  ],
  ['request-narrowed', 'anything becomes a type', request({}), request(text), `${AT} body /field`],
  ['request-narrowed', 'a type is another', request(text), request({ type: 'boolean' }), `${AT} body /field`],
  [
    'request-narrowed',
    'text becomes an enum',
    request(text),
    request({ ...text, enum: ['a'] }),
    `${AT} body /field`,
  ],
  [
    'enum-value-removed',
    'a value is refused',
    request({ ...text, enum: ['a', 'b'] }),
    request({ ...text, enum: ['a'] }),
    `${AT} body /field`,
  ],
  [
    'request-narrowed',
    'a maximum appears',
    request(text),
    request({ ...text, maxLength: 9 }),
    `${AT} body /field`,
  ],
  [
    'request-narrowed',
    'a minimum is raised',
    request({ type: 'array', items: text, minItems: 1 }),
    request({ type: 'array', items: text, minItems: 2 }),
    `${AT} body /field`,
  ],
  [
    'request-narrowed',
    'a field must be given',
    request({ type: 'object' }),
    request({ type: 'object', minProperties: 1 }),
    `${AT} body /field`,
  ],
  [
    'request-narrowed',
    'a pattern appears',
    request(text),
    request({ ...text, pattern: '^a' }),
    `${AT} body /field`,
  ],
  [
    'request-narrowed',
    'the items are narrowed',
    request({ type: 'array', items: {} }),
    request({ type: 'array', items: text }),
    `${AT} body /field /*`,
  ],
  [
    'request-narrowed',
    'a map is closed',
    request({ type: 'object', additionalProperties: text }),
    request({ type: 'object', additionalProperties: false }),
    `${AT} body /field`,
  ],
  [
    'request-narrowed',
    'null is refused',
    request({ anyOf: [text, { type: 'null' }] }),
    request(text),
    `${AT} body /field`,
  ],
  [
    'enum-value-removed',
    'a tagged variant is refused',
    request(tagged('a', 'b')),
    request(tagged('a')),
    `${AT} body /field /kind`,
  ],
  ['status-changed', 'another status of success', {}, { status: '202' }, AT],
  ['status-changed', 'a second status of success', {}, { responses: { 202: {} } }, AT],
  ['content-type-removed', 'no body is answered', { answer: text }, {}, `${AT} 200`],
  [
    'answer-header-removed',
    'a header is gone',
    { responses: { 200: { headers: { ETag: {} } } } },
    { responses: { 200: {} } },
    `${AT} 200`,
  ],
  [
    'field-removed',
    'a field of the answer is gone',
    answer(text),
    { answer: object({}) },
    `${AT} 200 /field`,
  ],
  [
    'field-removed',
    'a field of the answer has another name',
    { answer: object({ field: text }, ['field']) },
    { answer: object({ other: text }, ['other']) },
    `${AT} 200 /field`,
  ],
  [
    'answer-field-optional',
    'a field may be absent',
    { answer: object({ field: text }, ['field']) },
    { answer: object({ field: text }) },
    `${AT} 200 /field`,
  ],
  ['answer-type-changed', 'another type', answer(text), answer({ type: 'integer' }), `${AT} 200 /field`],
  [
    'answer-type-changed',
    'null may be answered',
    answer(text),
    answer({ anyOf: [text, { type: 'null' }] }),
    `${AT} 200 /field`,
  ],
  [
    'answer-type-changed',
    'another format',
    answer({ ...text, format: 'date-time' }),
    answer(text),
    `${AT} 200 /field`,
  ],
  [
    'enum-value-removed',
    'a value is never answered',
    answer({ ...text, enum: ['a', 'b'] }),
    answer({ ...text, enum: ['a'] }),
    `${AT} 200 /field`,
  ],
  [
    'enum-value-removed',
    'a value is no tag of the variants that replace it',
    answer(kinds('a', 'b')),
    answer(tagged('a')),
    `${AT} 200 /field /kind`,
  ],
  [
    'answer-type-changed',
    'the form of an error',
    {
      responses: { default: { content: { 'application/problem+json': { schema: object({ code: text }) } } } },
    },
    {
      responses: {
        default: {
          content: { 'application/problem+json': { schema: object({ code: { type: 'integer' } }) } },
        },
      },
    },
    `${AT} default /code`,
  ],
];

it.each(BREAKING)('%s: %s', (rule, _what, before, after, where) => {
  expect(breakingChanges(api(before), api(after))).toEqual([
    { rule, where, message: expect.stringMatching(/./) as string },
  ]);
});

const ALLOWED: [string, Parts, Parts][] = [
  ['a name of a path parameter', { path: '/things/{id}' }, { path: '/things/{thingId}' }],
  ['304 for those who ask for it by If-None-Match', {}, { responses: { 304: {} } }],
  ['an optional parameter', {}, { parameters: [query('top', false)] }],
  [
    'a parameter is no longer required',
    { parameters: [query('a', true)] },
    { parameters: [query('a', false)] },
  ],
  ['an optional field of a request', { request: object({}) }, request(text)],
  [
    'a field is no longer required',
    { request: object({ a: text }, ['a']) },
    { request: object({ a: text }) },
  ],
  ['a request takes more types', request({ type: 'integer' }), request({ type: 'number' })],
  ['a request takes null', request(text), request({ anyOf: [text, { type: 'null' }] })],
  [
    'a request takes another value',
    request({ ...text, enum: ['a'] }),
    request({ ...text, enum: ['a', 'b'] }),
  ],
  ['a bound is wider', request({ ...text, maxLength: 9 }), request({ ...text, maxLength: 10 })],
  ['a bound is gone', request({ ...text, pattern: '^a', minLength: 1 }), request(text)],
  [
    'a body is no longer required',
    { request: object({}) },
    { operation: { requestBody: { content: { 'application/json': { schema: object({}) } } } } },
  ],
  ['a tagged variant of a request', request(tagged('a')), request(tagged('a', 'b'))],
  ['a field of an answer', { answer: object({}) }, answer(text)],
  ['a field is always answered', { answer: object({ a: text }) }, { answer: object({ a: text }, ['a']) }],
  ['null is never answered', answer({ anyOf: [text, { type: 'null' }] }), answer(text)],
  ['a value of an answer', answer({ ...text, enum: ['a'] }), answer({ ...text, enum: ['a', 'b'] })],
  ['a tagged variant of an answer', answer(tagged('a')), answer(tagged('a', 'b'))],
  ['values that become the tags of variants', request(kinds('a', 'b')), request(tagged('a', 'b', 'c'))],
  ['the same in an answer', answer(kinds('a', 'b')), answer(tagged('a', 'b', 'c'))],
  ['another error', {}, { responses: { 409: {} } }],
  ['a header of an answer', {}, { responses: { 200: { headers: { ETag: {} } } } }],
];

it.each(ALLOWED)('allows %s', (_what, before, after) => {
  expect(breakingChanges(api(before), api(after))).toEqual([]);
});

it('allows an operation more', () => {
  const before = api({});
  const after = api({ path: '/items' });
  expect(breakingChanges(before, { ...after, paths: { ...before.paths, ...after.paths } })).toEqual([]);
});

it('follows named schemas, whatever they are called, and reports each once', () => {
  const of = (name: string, field: Schema): ApiDocument => {
    const schema = { $ref: `#/components/schemas/${name}` };
    const one = api({ answer: schema, schemas: { [name]: object({ field }) } });
    return { ...one, paths: { ...one.paths, ...api({ path: '/items', answer: schema }).paths } };
  };
  expect(breakingChanges(of('Thing', text), of('Item', text))).toEqual([]);
  expect(breakingChanges(of('Thing', text), of('Item', { type: 'integer' }))).toEqual([
    {
      rule: 'answer-type-changed',
      where: 'schema Thing /field',
      message: 'the type was string and is integer',
    },
  ]);
});

it('ends on schemas that contain themselves', () => {
  const tree = (leaf: Schema) => ({
    Tree: object({ leaf, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } }),
  });
  const of = (leaf: Schema) => api({ answer: { $ref: '#/components/schemas/Tree' }, schemas: tree(leaf) });
  expect(breakingChanges(of(text), of(text))).toEqual([]);
  expect(breakingChanges(of(text), of({ type: 'boolean' }))).toHaveLength(1);
});

it('names a keyword that it does not know instead of passing over it', () => {
  const unknown = api({ answer: { ...text, dependentRequired: {} } });
  expect(() => breakingChanges(unknown, unknown)).toThrow('POST /things 200: “dependentRequired”');
});
