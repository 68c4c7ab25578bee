/** An invalid body, query or path is answered by a 4xx that names the problem, never by a 5xx, and never goes unanswered. */
import { gzipSync } from 'node:zlib';
import { operations } from '../../functions/operations';
import type { Operation } from '../../shared/http/operation';
import { DEFAULT_BODY_BYTES } from '../../shared/http/request-body';
import { forEachConcurrently } from '../support/for-each-concurrently';
import { validRequest } from '../support/valid-requests';
import { createTestCustomer, type CustomerRequest, type TestCustomer } from '../support/customer-requests';
import { problemFaults } from '../support/problem-answer';
import { fillPath, type RawAnswer, rawRequest, type RawRequest } from '../support/raw-request';
import { startService, type TestService } from '../support/service';

let service: TestService;
let customer: TestCustomer;
let administratorToken: string;
const validRequests = new Map<string, CustomerRequest>();

/** Requests that would succeed, one per operation, so that each refusal below is due to the one fault. */
beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
  administratorToken = await service.token();
  for (const { id } of operations) {
    validRequests.set(id, await validRequest(id, customer));
  }
}, 120_000);

afterAll(() => service.stop());

interface Attempt {
  operation: Operation;
  what: string;
  request: Partial<RawRequest>;
  /** Status and code; any 4xx problem when absent. */
  expected?: [number, string];
  /** The query parameter that the problem has to name. */
  parameter?: string;
}

function send({ operation, request }: Attempt): Promise<RawAnswer> {
  const { id, method, access } = operation;
  const { params = {}, headers } = validRequests.get(id) ?? {};
  const token = access === 'cloud-client' ? customer.serverToken : administratorToken;
  const authorization = access === 'anybody' ? {} : { authorization: `Bearer ${token}` };
  return rawRequest(service.url, {
    method,
    path: fillPath(operation.path, params),
    ...request,
    headers: { ...authorization, ...headers, ...request.headers },
  });
}

/** Deviations from what is expected, one line each. */
async function surprises(attempts: Attempt[]): Promise<string[]> {
  const faults: string[] = [];
  await forEachConcurrently(attempts, async (attempt) => {
    const { operation, what, expected, parameter } = attempt;
    const answer = await send(attempt);
    const found = problemFaults(answer, operation.oauthErrors);
    const [status, code] = expected ?? [answer.status, undefined];
    if (answer.status !== status) found.push(`${answer.status} instead of ${status}: ${answer.text}`);
    else if (code !== undefined && !operation.oauthErrors && !answer.text.includes(`"code":"${code}"`))
      found.push(`not ${code}: ${answer.text}`);
    if (parameter !== undefined && !operation.oauthErrors && !names(answer, parameter))
      found.push(`does not name it: ${answer.text}`);
    faults.push(...found.map((fault) => `${operation.id}, ${what}: ${fault}`));
  });
  return faults;
}

function names({ text }: RawAnswer, parameter: string): boolean {
  const { errors = [] } = JSON.parse(text) as { errors?: { parameter?: string }[] };
  return errors.some((error) => error.parameter === parameter);
}

const withBody = operations.filter(({ body }) => body !== undefined);
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

const typeOf = ({ bodyFormat }: Operation) => (bodyFormat?.form ? FORM_TYPE : JSON_TYPE);

function goodBody({ id, bodyFormat }: Operation): string {
  return bodyFormat?.form
    ? 'grant_type=client_credentials'
    : JSON.stringify(validRequests.get(id)?.body ?? {});
}

function badBodies(operation: Operation): Attempt[] {
  const { bodyFormat } = operation;
  const written = goodBody(operation);
  const type = typeOf(operation);
  const tooLarge = 'x'.repeat((bodyFormat?.maxBytes ?? DEFAULT_BODY_BYTES) + 1);
  const gzip = { ...type, 'content-encoding': 'gzip' };
  const attempt = (what: string, request: Partial<RawRequest>, expected?: [number, string]): Attempt => ({
    operation,
    what,
    request,
    ...(expected ? { expected } : {}),
  });
  return [
    attempt('too large', { body: tooLarge, headers: type }, [413, 'too-large']),
    attempt('no content type', { body: written }, [415, 'unsupported-media-type']),
    ...['text/plain', 'application/jsonx', 'application/xml', 'json', 'multipart/form-data; boundary=x'].map(
      (contentType) =>
        attempt(contentType, { body: written, headers: { 'content-type': contentType } }, [
          415,
          'unsupported-media-type',
        ]),
    ),
    attempt(
      'an unsupported character set',
      { body: written, headers: { 'content-type': `${type['content-type']}; charset=utf-16` } },
      [415, 'unsupported-media-type'],
    ),
    ...['br', 'deflate', 'gzip, gzip', 'x'].map((coding) =>
      attempt(`coding ${coding}`, { body: written, headers: { ...type, 'content-encoding': coding } }, [
        415,
        'unsupported-media-type',
      ]),
    ),
    ...(bodyFormat?.gzip
      ? [
          attempt('invalid gzip', { body: written, headers: gzip }, [400, 'bad-request']),
          attempt('a truncated gzip', { body: gzipSync(written).subarray(0, 20), headers: gzip }, [
            400,
            'bad-request',
          ]),
          attempt('a gzip bomb', { body: gzipSync(tooLarge), headers: gzip }, [413, 'too-large']),
        ]
      : [attempt('gzip', { body: gzipSync(written), headers: gzip }, [415, 'unsupported-media-type'])]),
    attempt('bytes that are not UTF-8', { body: Buffer.from([0x22, 0xff, 0xfe, 0x22]), headers: type }, [
      400,
      'bad-request',
    ]),
    ...(bodyFormat?.form ? badForms(attempt, type) : badJson(operation, attempt, type)),
  ];
}

type CreateAttempt = (what: string, request: Partial<RawRequest>, expected?: [number, string]) => Attempt;

function badForms(attempt: CreateAttempt, headers: object): Attempt[] {
  const bodies = [
    '',
    '&&&',
    '%',
    'grant_type',
    'grant_type=password',
    'grant_type=client_credentials&grant_type=client_credentials',
    `grant_type=client_credentials&client_id=${'x'.repeat(300)}&client_secret=x`,
    '__proto__=1',
  ];
  return bodies.map((body) => attempt(`form ${body}`, { body, headers: { ...headers } }, [400, '']));
}

function badJson({ bodyFormat }: Operation, attempt: CreateAttempt, type: object): Attempt[] {
  const headers = { ...type };
  const malformed = ['{', '{"a":}', "{'a':1}", '[1,]', 'undefined', 'NaN', '{}{}', '\uFEFF\uFEFF{}'];
  const wrongKind = ['null', '[]', '"text"', '0', 'true', '[{}]'];
  return [
    ...malformed.map((body) => attempt(body, { body, headers }, [400, 'malformed-json'])),
    attempt('deep', { body: '['.repeat(100_000), headers }, [400, 'malformed-json']),
    attempt('deep and well-formed', { body: `${'['.repeat(50_000)}${']'.repeat(50_000)}`, headers }, [
      400,
      'malformed-json',
    ]),
    ...wrongKind.map((body) => attempt(body, { body, headers }, [400, 'validation-failed'])),
    attempt('__proto__', { body: '{"__proto__":{"x":1},"constructor":1}', headers }, [
      400,
      'validation-failed',
    ]),
    ...(bodyFormat?.optional
      ? []
      : [
          attempt('empty', { body: '', headers }, [400, 'malformed-json']),
          attempt('spaces', { body: ' \n ', headers }, [400, 'malformed-json']),
        ]),
  ];
}

test('an unreadable or too large body is refused by every operation that takes one', async () => {
  expect(await surprises(withBody.flatMap(badBodies))).toEqual([]);
}, 60_000);

test('an unknown field is refused and named, except by OAuth', async () => {
  const faults: string[] = [];
  await forEachConcurrently(
    withBody.filter(({ oauthErrors }) => !oauthErrors),
    async (operation) => {
      const body = JSON.stringify({ ...(validRequests.get(operation.id)?.body as object), 'sur/prise~': 1 });
      const request = { body, headers: JSON_TYPE };
      const { status, text } = await send({ operation, what: 'an unknown field', request });
      const { errors } = JSON.parse(text) as { errors?: { pointer: string }[] };
      if (status !== 400 || !errors?.some(({ pointer }) => pointer.endsWith('/sur~1prise~0')))
        faults.push(`${operation.id}: ${status} ${text}`);
    },
  );
  expect(faults).toEqual([]);
}, 60_000);

test('an unknown or repeated query parameter is refused and named', async () => {
  const attempts = operations.flatMap((operation): Attempt[] => {
    const path = fillPath(operation.path, validRequests.get(operation.id)?.params ?? {});
    const headers = typeOf(operation);
    const body = operation.body ? goodBody(operation) : undefined;
    const attempt = (parameter: string, query: string) => ({
      operation,
      what: query,
      parameter,
      request: { path: `${path}?${query}`, headers, ...(body === undefined ? {} : { body }) },
      expected: [400, 'validation-failed'] as [number, string],
    });
    return [
      attempt('surprise', 'surprise=1'),
      attempt('surprise', 'surprise=1&surprise=2'),
      attempt('__proto__', '__proto__=1'),
      attempt('', '=1'),
      attempt('%', '%=1'),
      attempt('\uFFFD', '%ff=%fe'),
      ...Object.keys(operation.query?.shape ?? {}).map((name) => attempt(name, `${name}=1&${name}=1`)),
    ];
  });
  expect(await surprises(attempts)).toEqual([]);
}, 60_000);

/** In place of an id, as sent on the wire. */
const ODD_SEGMENTS = [
  '%2F',
  '%2f..%2f',
  'a%2Fb',
  '%00',
  'a%00b',
  '%',
  '%zz',
  '%ff%fe',
  '%ED%A0%80',
  '%F0%9F%98%80',
  '%E2%80%AE',
  '%0d%0aX-Header:1',
  '%20',
  '%3F',
  '%23',
  '%5c',
  "'%20OR%201=1",
  '%22',
  ';',
  '*',
  '$select',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  'x'.repeat(1_023),
  'x'.repeat(1_024),
  '%F0%9F%98%80'.repeat(500),
  'x'.repeat(8_000),
];

test('an unknown id of any form is not found or not valid, and never causes a failure', async () => {
  const attempts = operations.flatMap((operation) => {
    const { params = {}, headers } = validRequests.get(operation.id) ?? {};
    const body = operation.body ? goodBody(operation) : undefined;
    return [...operation.path.matchAll(/\{(\w+)\}/g)].flatMap(([hole, name = '']) =>
      ODD_SEGMENTS.map((segment): Attempt => {
        const path = fillPath(operation.path.replace(hole, segment), params);
        const what = `${name}=${segment.slice(0, 30)}`;
        return {
          operation,
          what,
          request: {
            path,
            headers: { ...headers, ...typeOf(operation) },
            ...(body === undefined ? {} : { body }),
          },
        };
      }),
    );
  });
  expect(attempts.length).toBeGreaterThan(1_000);
  expect(await surprises(attempts)).toEqual([]);
}, 120_000);
