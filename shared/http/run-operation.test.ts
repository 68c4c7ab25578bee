/** What every caller sees: the order of checks, problems, preconditions and the administrator log. */
import { secureClientType } from '../identity/secure-client';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { call } from '../../tests/support/call';
import { auditLog } from '../../tests/support/logs';
import { ADA, CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import {
  createSample,
  unauditedChange,
  getSample,
  listSamples,
  externalChange,
  patchSample,
  putSample,
  sampleType,
} from '../../tests/support/sample-capability';
import type { AuditEntry } from '../audit/audit-entry';
import { WorkLimits } from '../work-limits';
import { RateLimits } from './rate-limits';
import { lineLog } from '../telemetry/telemetry';
import { operation } from './operation';

let test: TestServices;
let token: string;

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
});

afterEach(() => test.close());

const control = (customerId = CONTOSO) => test.services.database.control(customerId);
const entries = (customerId = CONTOSO): Promise<AuditEntry[]> => auditLog(test.services, customerId);
const store = (id: string, customerId = CONTOSO) =>
  control(customerId).create(sampleType, { id, name: 'stored' });
const patch = (more: Parameters<typeof call>[2]) =>
  call(test.services, patchSample, { token, params: { sampleId: 'a' }, body: { name: 'new' }, ...more });

describe('OPS-2: the order of checks', () => {
  const wrong = { body: '{', headers: { 'if-match': '"other"' }, query: '?unknown=1' };

  it('asks first who calls (401)', async () => {
    const answer = await patch({ ...wrong, token: 'not.a.token' });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="[^"]+"/);
    const headers = { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
    expect((await call(test.services, getSample, { headers })).status).toBe(401);
    expect((await call(test.services, getSample)).status).toBe(401);
  });

  it('then for the role (403), before it looks whether the sample exists', async () => {
    const reader = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
    expect(await patch({ ...wrong, token: reader })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const nobody = await test.issuer.token({ roles: [] });
    expect((await patch({ ...wrong, token: nobody })).body['detail']).toMatch(/no role/);
  });

  it('then for the sample (404), which reads the same when another customer has it', async () => {
    await store('a', FABRIKAM);
    const foreign = await patch(wrong);
    expect(foreign).toMatchObject({ status: 404, body: { code: 'not-found' } });
    const missing = await patch({ ...wrong, params: { sampleId: 'none' } });
    expect(missing.text).toBe(foreign.text);
  });

  it('then for query and body (400)', async () => {
    await store('a');
    expect((await patch(wrong)).status).toBe(400);
    expect((await patch({ headers: {}, body: { name: 7 } })).status).toBe(400);
  });

  it('then for the precondition (428, 412), and lets the handler refuse last (409)', async () => {
    const { etag } = await store('a');
    const refused = { name: 'refused' };
    expect(await patch({ body: refused })).toMatchObject({
      status: 428,
      body: { code: 'precondition-required' },
    });
    expect((await patch({ body: refused, headers: { 'if-match': '"other"' } })).body.code).toBe('stale');
    expect((await patch({ body: refused, headers: { 'if-match': etag } })).status).toBe(409);
  });
});

describe('OPS-2: too many requests of an administrator', () => {
  it('are refused with 429, Retry-After and a problem, before anything is read or logged as refused', async () => {
    const perMinute = { administratorPerMinute: 12, customerPerMinute: 1_000 };
    const rateLimits = new RateLimits({ ...test.services.config.requests, ...perMinute });
    const services = { ...test.services, rateLimits };
    const reader = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
    const list = () => call(services, listSamples, { token });
    expect([(await list()).status, (await list()).status]).toEqual([200, 200]);
    test.injectFault(() => Promise.reject(new Error('the database was asked')));
    expect(await list()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5', 'content-type': 'application/problem+json; charset=utf-8' },
      body: { code: 'too-many-requests', status: 429 },
    });
    const forbidden = await call(services, patchSample, {
      token: reader,
      params: { sampleId: 'a' },
      body: {},
    });
    expect(forbidden.status).toBe(429);
    test.injectFault(undefined);
    expect(await entries()).toEqual([]);
    expect((await call(services, listSamples)).status).toBe(401);
    test.clock.advanceSeconds(5);
    expect((await list()).status).toBe(200);
  });

  it('CCL-6: are refused a moment later, so that who repeats them at once is slowed down', async () => {
    const limits = { ...test.services.config.requests, administratorPerMinute: 6, refusalDelayMs: 80 };
    const services = {
      ...test.services,
      rateLimits: new RateLimits(limits),
      workLimits: new WorkLimits(limits, test.clock),
    };
    const duration = async () => {
      const startedAt = performance.now();
      const { status } = await call(services, listSamples, { token });
      return { status, isLate: performance.now() - startedAt >= 79 };
    };
    await duration();
    expect(await duration()).toEqual({ status: 429, isLate: true });
  });
});

describe('an operation of recording servers', () => {
  const whoAmI = operation({
    id: 'whoAmI',
    method: 'GET',
    path: '/api/cloud-client/v1/me',
    tag: 'Samples',
    summary: 'Say who calls',
    access: 'cloud-client',
    success: { status: 200, description: 'The client', body: z.object({ id: z.string() }) },
    handle: async ({ caller }) => ({ body: { id: caller.id } }),
  });

  it('takes the token of a secure client, and not that of an administrator', async () => {
    const client = { id: 'client', customerId: CONTOSO, name: 'Servers' };
    await test.services.database
      .control(CONTOSO)
      .create(secureClientType, { ...client, createdAt: '', createdBy: '', secrets: [] });
    const ofClient = await test.services.clientTokens.issue(client);
    expect((await call(test.services, whoAmI, { token: ofClient })).body).toEqual({ id: 'client' });
    expect((await call(test.services, whoAmI, { token })).status).toBe(401);
    expect((await call(test.services, listSamples, { token: ofClient })).status).toBe(401);
  });
});

describe('problems', () => {
  it('OPS-2: are problem details with code, trace id and a pointer for each field', async () => {
    const body = { size: 1e9, extra: 1, 'x/y~z': 1, parts: [{ 'a/b~c': 'no' }] };
    const answer = await call(test.services, createSample, { token, body });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({
      type: 'https://recording.test/api/docs#validation-failed',
      title: 'The request is not valid',
      status: 400,
      code: 'validation-failed',
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
    const pointers = answer.body.errors?.map(({ pointer }) => pointer).sort();
    expect(pointers).toEqual(['/extra', '/name', '/parts/0/a~1b~0c', '/size', '/x~1y~0z']);
  });

  it('name at most a hundred fields, however many are wrong', async () => {
    const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field${n}`, n]));
    const answer = await call(test.services, createSample, { token, body });
    expect(answer.body.errors).toHaveLength(100);
    expect(answer.text.length).toBeLessThan(20_000);
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'refuse the field %s like any unknown one',
    async (name) => {
      const body = `{"name": "x", ${JSON.stringify(name)}: {"size": 1}}`;
      const answer = await call(test.services, createSample, { token, body });
      expect(answer.body.errors).toEqual([
        { pointer: `/${name}`, detail: 'Unknown field: remove it, or check its spelling.' },
      ]);
    },
  );

  it.each([
    ['?unknown=1', 'unknown'],
    ['?top=5&top=6', 'top'],
    ['?top=0', 'top'],
    ['?top=201', 'top'],
    ['?top=1e1', 'top'],
    ['?top=', 'top'],
    [`?top=${'9'.repeat(400)}`, 'top'],
    ['?top=NaN', 'top'],
    ['?color=green', 'color'],
    ['?deep=yes', 'deep'],
    ['?__proto__=1', '__proto__'],
    ['?cursor=%00', 'cursor'],
    [`?cursor=${'a'.repeat(5_000)}`, 'cursor'],
    ['?%FF=1', '\uFFFD'],
  ])('are refused, naming the query parameter: %j', async (query, parameter) => {
    const answer = await call(test.services, listSamples, { token, query });
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((error) => error.parameter)).toEqual([parameter]);
  });

  it('OPS-3: hide what failed inside, log it with the customer, and keep secrets out of both', async () => {
    const lines: [level: string, line: string][] = [];
    test.injectFault(() => Promise.resolve({ status: 400, headers: {}, body: '{"message":"inner detail"}' }));
    const answer = await call(test.services, getSample, {
      token,
      params: { sampleId: 'a' },
      log: lineLog((line, level) => lines.push([level, line])),
    });
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal-error' } });
    expect(answer.text).not.toContain('inner detail');
    expect(lines).toHaveLength(1);
    const [level, line = ''] = lines[0] ?? [];
    expect(level).toBe('error');
    expect(JSON.parse(line)).toMatchObject({
      event: 'request.failed',
      operation: 'getSample',
      status: 500,
      code: 'internal-error',
      customerId: CONTOSO,
    });
    expect(line).not.toContain(token);
  });

  it('say 503 with Retry-After when the database cannot be reached', async () => {
    test.injectFault(() => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })));
    const answer = await call(test.services, createSample, { token, body: { name: 'x' } });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
  });
});

describe('request bodies', () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    call(test.services, createSample, { token, body, headers });

  it.each([
    ['text/plain', 415],
    ['application/merge-patch+json', 415],
    ['application/json, application/json', 415],
    ['application/json; charset=latin1', 415],
    ['application/json; charset="UTF-8"', 201],
    ['APPLICATION/JSON', 201],
  ])('of type %s get %i', async (type, status) => {
    expect((await post({ name: 'x' }, { 'content-type': type })).status).toBe(status);
  });

  it('take a merge patch as such or as JSON', async () => {
    for (const type of ['application/merge-patch+json', 'application/json']) {
      const { etag } = await control().upsert(sampleType, { id: 'a', name: 'x' });
      expect((await patch({ headers: { 'if-match': etag, 'content-type': type } })).status).toBe(204);
    }
  });

  it('are refused when they are not JSON, without quoting what they hold', async () => {
    for (const body of ['', '{"name": hunter2}', '{"name": "hunter2"', '[hunter2']) {
      const answer = await post(body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'malformed-json' } });
      expect(answer.text).not.toContain('hunter2');
    }
  });

  it('OPS-2: are refused when they are nested deeper than anything of the API, whatever their texts hold', async () => {
    const nested = (levels: number) => `{"parts":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect((await post(nested(64))).body).toMatchObject({
      code: 'malformed-json',
      detail: expect.stringContaining('nested deeper than 64 levels') as string,
    });
    expect((await post(nested(63))).body.code).toBe('validation-failed');
    expect((await post(`{"name":"${'[{'.repeat(100)}"}`)).body.code).toBe('validation-failed');
    expect((await post(String.raw`{"name":"\\"}`)).status).toBe(201);
    expect((await post(String.raw`{"name":"\"[[[\\"}`)).status).toBe(201);
  });

  it('OPS-2: that came in chunks, which the platform drops, are refused with the reason', async () => {
    const answer = await post('', { 'transfer-encoding': 'chunked' });
    expect(answer).toMatchObject({
      status: 411,
      body: { code: 'length-required', detail: expect.stringContaining('Content-Length') as string },
    });
  });

  it('are refused when they are not UTF-8', async () => {
    const answer = await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  });

  it('are refused when they are too large', async () => {
    expect((await post(' '.repeat(1_048_577))).body.code).toBe('too-large');
    expect((await post(`${' '.repeat(1_048_000)}{"name":"x"}`)).status).toBe(201);
  });

  it('are refused when they are compressed where that is not said', async () => {
    const answer = await post(gzipSync('{"name":"x"}'), { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(415);
  });

  it.each([
    '[]',
    'null',
    '"text"',
    '1e999',
    `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    `{"name": ${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
    '{"name": "x", "size": 1e400}',
    '{"name": "x", "size": 123456789012345678901234567890}',
  ])('of odd JSON get 400 (case %#)', async (body) => {
    expect((await post(body)).status).toBe(400);
  });

  it('may hold NUL and lone surrogates where text is free', async () => {
    expect((await post('{"name": "\\u0000\\ud800"}')).status).toBe(201);
  });
});

describe('compressed bodies', () => {
  const takesGzip = operation({
    id: 'takesGzip',
    method: 'POST',
    path: '/api/v1/gzip',
    tag: 'Samples',
    summary: 'Take gzip',
    access: 'sites.manage',
    body: z.object({ text: z.string() }),
    bodyFormat: { gzip: true, maxBytes: 10_000 },
    success: { status: 200, description: 'Its length', body: z.object({ characters: z.int() }) },
    handle: async ({ body }) => ({ body: { characters: body.text.length } }),
  });
  const send = (body: Uint8Array, encoding: string) =>
    call(test.services, takesGzip, { token, body, headers: { 'content-encoding': encoding } });

  it('are unpacked, whatever the case of the coding', async () => {
    const body = gzipSync(JSON.stringify({ text: 'x'.repeat(9_000) }));
    expect((await send(body, 'gzip')).body).toEqual({ characters: 9_000 });
    expect((await send(body, 'GZIP')).status).toBe(200);
  });

  it('are refused when they unpack to more than may be sent (a bomb)', async () => {
    const bomb = gzipSync(Buffer.alloc(9_000_000, ' '));
    expect(bomb.length).toBeLessThan(10_000);
    expect(await send(bomb, 'gzip')).toMatchObject({ status: 413, body: { code: 'too-large' } });
  });

  it('are refused when they are not gzip, cut short, or compressed otherwise or twice', async () => {
    expect((await send(Buffer.from('{"text":"x"}'), 'gzip')).body.code).toBe('bad-request');
    expect((await send(gzipSync('{"text":"x"}').subarray(0, 12), 'gzip')).body.code).toBe('bad-request');
    expect((await send(gzipSync('{"text":"x"}'), 'br')).status).toBe(415);
    expect((await send(gzipSync('{"text":"x"}'), 'gzip, gzip')).status).toBe(415);
  });
});

describe('If-Match', () => {
  it.each([
    ['the ETag', (etag: string) => etag, 204],
    ['the ETag as a weak one, which never matches', (etag: string) => `W/${etag}`, 412],
    ['a list with the ETag', (etag: string) => `"other", ${etag}`, 204],
    ['any state', () => '*', 204],
    ['another ETag', () => '"other"', 412],
    ['the ETag without its quotes', (etag: string) => etag.replaceAll('"', ''), 400],
    ['nothing', () => '', 400],
  ])('that names %s', async (_what, header, status) => {
    const { etag } = await store('a');
    const answer = await patch({ headers: { 'if-match': header(etag) } });
    expect(answer.status).toBe(status);
  });

  it('lets one of two changes through that were based on the same state', async () => {
    const { etag } = await store('a');
    const headers = { 'if-match': etag };
    const statuses = await Promise.all([patch({ headers }), patch({ headers })]);
    expect(statuses.map(({ status }) => status).sort()).toEqual([204, 412]);
  });

  it('is not needed by a PUT that creates, and refused by it when it names a state', async () => {
    const put = (headers: Record<string, string>) =>
      call(test.services, putSample, { token, params: { sampleId: 'a' }, body: { name: 'x' }, headers });
    expect((await put({ 'if-match': '*' })).status).toBe(412);
    expect((await put({})).status).toBe(200);
    expect((await put({})).status).toBe(428);
  });
});

describe('path parameters', () => {
  it.each([
    '%2F',
    '../a',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    '\0',
    'a\u0007',
    '\ud800',
    '',
    ' ',
    '.',
    '..',
    'é'.repeat(800),
    'x'.repeat(5_000),
  ])('that can name nothing lead to 404 (case %#)', async (sampleId) => {
    const answer = await call(test.services, getSample, { token, params: { sampleId } });
    expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});

describe('IAM-9: the administrator log', () => {
  it('LOG-1: holds one entry for a change, written together with it', async () => {
    const { body } = await call(test.services, createSample, {
      token,
      body: { name: 'x' },
      headers: { 'x-forwarded-for': '6.6.6.6, 203.0.113.9:1234' },
    });
    expect(await entries()).toEqual([
      expect.objectContaining({
        action: 'sample.create',
        at: '2030-01-15T12:00:00.000Z',
        category: 'configuration',
        by: { id: ADA, name: 'ada@contoso.example', kind: 'fullAdmin' },
        address: '203.0.113.9',
        authorised: true,
        outcome: 'succeeded',
        target: { type: 'sample', id: body['id'] },
      }),
    ]);
  });

  it('has no entry when somebody else was faster between check and change', async () => {
    const { etag } = await store('a');
    test.injectFault(async (request, next) => {
      if (request.headers['x-ms-cosmos-is-batch-request'] !== undefined) {
        test.injectFault(undefined);
        await control().replace(sampleType, { id: 'a', name: 'faster', etag });
      }
      return next(request);
    });
    expect((await patch({ headers: { 'if-match': etag } })).status).toBe(412);
    expect(await entries()).toEqual([]);
    expect(await control().read(sampleType, 'a')).toMatchObject({ name: 'faster' });
  });

  it('tells of refused attempts', async () => {
    const reader = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
    await call(test.services, createSample, { token: reader, body: { name: 'x' } });
    expect(await entries()).toEqual([
      expect.objectContaining({
        action: 'sample.create',
        authorised: false,
        outcome: 'failed',
        reason: 'forbidden',
        by: { id: ADA, name: 'ada@contoso.example', kind: 'readOnlyAdmin' },
      }),
    ]);
  });

  it('IAM-10: shows an application as such', async () => {
    const app = await test.issuer.token({ idtyp: 'app', preferred_username: undefined, azp: 'deploy-tool' });
    await call(test.services, createSample, { token: app, body: { name: 'x' } });
    expect((await entries())[0]?.by).toMatchObject({ name: 'deploy-tool', kind: 'application' });
  });

  it('makes an error of a handler that forgets its entry', async () => {
    expect((await call(test.services, unauditedChange, { token })).status).toBe(500);
  });

  it('is written before a change that lies elsewhere, and says when that failed', async () => {
    const fails = externalChange(() => Promise.reject(new Error('no')));
    expect((await call(test.services, fails, { token })).status).toBe(500);
    const outcomes = (await entries()).map(({ outcome, reason }) => [outcome, reason]);
    expect(outcomes).toEqual(
      expect.arrayContaining([
        ['attempted', undefined],
        ['failed', 'internal-error'],
      ]),
    );
    expect(outcomes).toHaveLength(2);
  });

  it('stops a change that lies elsewhere when it cannot be written', async () => {
    let acted = false;
    const acts = externalChange(async () => {
      acted = true;
    });
    test.injectFault(() => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })));
    expect((await call(test.services, acts, { token })).status).toBe(503);
    expect(acted).toBe(false);
  });
});
