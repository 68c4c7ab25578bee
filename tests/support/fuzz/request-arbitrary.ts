/** Requests to an operation: some valid, most with something odd about them. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { fillPath, type RawRequest } from '../raw-request';
import type { CustomerRequest } from '../customer-requests';
import type { PlacedOperation } from './api-document';
import { anyCursor, type Cursors } from './cursors';
import type { ValidValues } from './valid-value';
import { anyJson, anyText, invalidated, written } from './invalid-value';

/** One in the given number. */
function rarely<T>(oneIn: number, usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

/** Requests to this operation. @param valid one that would succeed, with real ids */
export function requestsTo(
  operation: PlacedOperation,
  valid: CustomerRequest,
  values: ValidValues,
  ids: readonly string[],
  cursors: Cursors,
): fc.Arbitrary<RawRequest> {
  return fc
    .record({
      path: pathOf(operation, valid, ids),
      query: queryOf(operation, values, cursors),
      headers: headersOf(valid),
      body: bodyOf(operation, valid, values),
    })
    .map(({ path, query, headers, body }) => ({
      method: operation.method,
      path: path + query,
      headers: { ...body?.headers, ...headers },
      ...(body ? { body: body.content } : {}),
    }));
}

function pathOf({ path }: PlacedOperation, { params }: CustomerRequest, ids: readonly string[]) {
  const odd = anyText(60)
    .map((text) => text.replaceAll(/\p{Cs}/gu, '\uFFFD'))
    // What is empty or dots is another path.
    .filter((text) => !/^\.{0,2}$/.test(text));
  const fields = Object.entries(params).map(
    ([name, value]) =>
      [name, rarely(6, fc.constant(value), fc.oneof(odd, fc.constantFrom(...ids), fc.uuid()))] as const,
  );
  return fc.record(Object.fromEntries(fields)).map((chosen) => fillPath(path, chosen));
}

function queryOf(
  { parameters }: PlacedOperation,
  values: ValidValues,
  cursors: Cursors,
): fc.Arbitrary<string> {
  const asText = (value: unknown) => (typeof value === 'string' ? value : written(value));
  const declared = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) => {
      // A request that waits as requested is not a failure, only slow.
      const valid = name === 'waitSeconds' ? fc.constantFrom(0, 1) : values.of(schema);
      const odd =
        name === 'waitSeconds' ? fc.constantFrom('-1', '31', '1.5', 'x') : fc.oneof(anyJson, anyText(60));
      return rarely(5, valid, odd).map((value): [string, string] => [name, asText(value)]);
    });
  const unknown = fc.tuple(anyText(10), anyText(20));
  const each = declared.length > 0 ? rarely(15, fc.oneof(...declared), unknown) : unknown;
  const several = fc.array(each, { maxLength: declared.length > 0 ? 3 : 1 });
  const parameterLists =
    declared.length > 0 ? several : rarely(10, fc.constant<[string, string][]>([]), several);
  const pages = fc
    .tuple(anyCursor(cursors), rarely(2, fc.constant<[string, string][]>([]), several))
    .map(([cursor, list]): [string, string][] => [
      ['cursor', cursor],
      ...list.filter(([name]) => name !== 'cursor'),
    ]);
  const isPaged = parameters.some(({ name }) => name === 'cursor');
  return (isPaged ? rarely(3, parameterLists, pages) : parameterLists).map((list) => {
    const query = new URLSearchParams(list).toString().slice(0, 4_000);
    return query === '' ? '' : `?${query}`;
  });
}

/** What a header may hold: no control characters. */
const headerText = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff })), {
    maxLength: 300,
  })
  .map((codes) => String.fromCharCode(...codes).trim());

function headersOf({ headers = {} }: CustomerRequest): fc.Arbitrary<Record<string, string>> {
  const etag = fc.oneof(fc.constantFrom('*', '"x"', 'W/"x"', '"a", "b"', '""', ','), headerText);
  const key = fc.oneof(fc.constantFrom('one', 'two', 'three'), fc.uuid(), headerText);
  const odd = fc.record(
    {
      'if-match': etag,
      'if-none-match': etag,
      'idempotency-key': key,
      'content-type': fc.oneof(fc.constantFrom('text/plain', 'application/json; charset=utf-8'), headerText),
      'content-encoding': fc.constantFrom('gzip', 'br', 'identity', ''),
      range: fc.oneof(fc.constantFrom('bytes=0-0', 'bytes=-1', 'bytes=9-1', 'bytes=0-,5-6', 'x'), headerText),
      accept: fc.constantFrom('text/html', 'application/xml;q=0'),
      'x-forwarded-for': fc.oneof(fc.ipV4(), fc.ipV6(), headerText),
      traceparent: fc.oneof(fc.constant(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`), headerText),
      'x-http-method-override': fc.constantFrom('DELETE', 'GET'),
    },
    { requiredKeys: [] },
  );
  const withKey = fc.record({ 'idempotency-key': key });
  return fc
    .oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      { weight: 2, arbitrary: withKey },
      { weight: 2, arbitrary: odd },
    )
    .map((more) => ({ ...headers, ...more }));
}

interface Body {
  headers: Record<string, string>;
  content: string | Uint8Array;
}

function bodyOf(
  { requestBody }: PlacedOperation,
  valid: CustomerRequest,
  values: ValidValues,
): fc.Arbitrary<Body | undefined> {
  const nothing = fc.constant(undefined);
  const [type = 'application/json', content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const headers = { 'content-type': type };
  const isForm = type === 'application/x-www-form-urlencoded';
  const asBody = (value: unknown): Body => ({ headers, content: isForm ? form(value) : written(value) });
  if (!content) return rarely(20, nothing, anyJson.map(asBody));

  const fromSchema = values.of(content.schema);
  const near = valid.body === undefined ? fromSchema : rarely(3, fc.constant(valid.body), fromSchema);
  const bytes = fc.uint8Array({ maxLength: 200 }).map((raw): Body => ({ headers, content: raw }));
  return fc.oneof(
    { weight: 8, arbitrary: near.chain((value) => invalidated(value, 3)).map(asBody) },
    { weight: 4, arbitrary: fromSchema.map(asBody) },
    { weight: 2, arbitrary: near.map(asBody) },
    { weight: 1, arbitrary: anyJson.map(asBody) },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: near.map((value) => zipped(asBody(value))) },
    { weight: 1, arbitrary: nothing },
  );
}

function zipped({ headers, content }: Body): Body {
  return { headers: { ...headers, 'content-encoding': 'gzip' }, content: gzipSync(content) };
}

function form(value: unknown): string {
  const fields = Object.entries(typeof value === 'object' && value !== null ? value : { value });
  const texts = fields.map(([name, field]): [string, string] => [
    name,
    typeof field === 'string' ? field : written(field),
  ]);
  return new URLSearchParams(texts).toString();
}
