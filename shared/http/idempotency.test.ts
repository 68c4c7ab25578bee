/** Requests with an `Idempotency-Key`: done once, answered alike, whatever happens in between. */
import { call, type TestRequest } from '../../tests/support/call';
import { auditLog } from '../../tests/support/logs';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import {
  createKey,
  createSample,
  createText,
  externalChange,
  sampleType,
} from '../../tests/support/sample-capability';

let test: TestServices;
let token: string;

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
});

afterEach(() => test.close());

const control = () => test.services.database.control(CONTOSO);
const samples = () => control().list(sampleType, { limit: 100 });
const marks = async () =>
  (await test.stored('people')).filter((text) => text.includes('"type":"idempotency"'));
const entries = () => auditLog(test.services);
const withKey = (key: string, more: TestRequest = {}): TestRequest => ({
  token,
  ...more,
  headers: { 'idempotency-key': key, ...more.headers },
});
const create = (key: string, name = 'x') =>
  call(test.services, createSample, withKey(key, { body: { name } }));

/** The process dies when it is about to keep the answer: no write of the mark gets through from then on. */
function crashBeforeAnswerIsKept() {
  let begun = false;
  test.injectFault((request, next) => {
    const writesMark = request.method === 'POST' && request.body.includes('"type":"idempotency"');
    if (writesMark && begun) return Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    begun ||= writesMark;
    return next(request);
  });
}

it('OPS-2: answers a repeat with the first answer, and does nothing', async () => {
  const first = await create('k');
  const repeat = await create('k');
  expect(repeat).toEqual(first);
  expect(first.status).toBe(201);
  expect(await samples()).toHaveLength(1);
  expect(await entries()).toHaveLength(1);
});

it("leaves its mark among the caller's own documents, not in the partition that all changes share", async () => {
  await create('k');
  expect(await marks()).toHaveLength(1);
  expect((await test.stored('control')).join()).not.toContain('"type":"idempotency"');
});

it('keeps answers of 64 KiB, and tells the repeat of a larger one that its answer is not kept', async () => {
  const room = 65_536 - '{"text":""}'.length;
  const repeat = (key: string, length: number) => call(test.services, createText(length), withKey(key));
  const kept = await repeat('k1', room);
  expect(Buffer.byteLength(kept.text)).toBe(65_536);
  expect(await repeat('k1', room)).toEqual(kept);
  expect((await repeat('k2', room + 1)).status).toBe(201);
  expect(await repeat('k2', room + 1)).toMatchObject({
    status: 409,
    body: { code: 'idempotency-response-not-kept' },
  });
});

it('does requests without a key, or with other keys, each for itself', async () => {
  await create('k1');
  await create('k2');
  await call(test.services, createSample, { token, body: { name: 'x' } });
  expect(await samples()).toHaveLength(3);
});

it('refuses the key with another body', async () => {
  await create('k');
  const answer = await create('k', 'other');
  expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
});

it('takes the same body in another order of fields for the same', async () => {
  const send = (body: string) => call(test.services, createSample, withKey('k', { body }));
  const first = await send('{"name":"x","size":1}');
  expect(await send('{ "size": 1, "name": "x" }')).toEqual(first);
});

it('keeps the keys of administrators apart', async () => {
  await create('k');
  const bert = await test.issuer.token({ oid: 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb' });
  const answer = await call(
    test.services,
    createSample,
    withKey('k', { token: bert, body: { name: 'other' } }),
  );
  expect(answer.status).toBe(201);
});

it('lets one of several concurrent requests work and tells the others to wait', async () => {
  const answers = await Promise.all([create('k'), create('k'), create('k')]);
  const statuses = answers.map(({ status }) => status);
  // A request that comes after the first one's answer gets that answer.
  expect(statuses.filter((status) => status === 409).length).toBeGreaterThan(0);
  expect(new Set(statuses)).toEqual(new Set([201, 409]));
  const waiting = answers.find(({ status }) => status === 409);
  expect(waiting).toMatchObject({
    body: { code: 'idempotency-in-progress' },
    headers: { 'retry-after': '2' },
  });
  expect(await samples()).toHaveLength(1);
});

it('makes nothing twice when the process died before the answer was kept', async () => {
  crashBeforeAnswerIsKept();
  expect((await create('k')).status).toBe(503);
  test.injectFault(undefined);
  const [made] = await samples();
  expect((await create('k')).body.code).toBe('idempotency-in-progress');
  test.clock.advanceSeconds(61);
  expect(await create('k')).toMatchObject({ status: 201, body: { id: made?.id } });
  expect(await samples()).toHaveLength(1);
  expect(await entries()).toHaveLength(1);
});

it('lets a request that failed on our side be repeated at once', async () => {
  test.injectFault((request, next) =>
    request.headers['x-ms-cosmos-is-batch-request'] ? Promise.reject(new Error('gone')) : next(request),
  );
  expect((await create('k')).status).toBe(503);
  test.injectFault(undefined);
  expect((await create('k')).status).toBe(201);
  expect(await samples()).toHaveLength(1);
});

it('lets a refused request be sent again with its key', async () => {
  expect((await create('k', 'refused')).status).toBe(409);
  expect((await create('k', 'accepted')).status).toBe(201);
});

it('makes ids that sort by the time of the first request', async () => {
  const before = (await create('k1')).body['id'];
  test.clock.advanceSeconds(1);
  crashBeforeAnswerIsKept();
  await create('k2');
  test.injectFault(undefined);
  test.clock.advanceSeconds(100);
  const after = (await create('k3')).body['id'];
  const between = (await create('k2')).body['id'];
  expect([before, between, after]).toEqual([before, between, after].sort());
});

it('forgets keys after a day, also those of a request that died and was resumed', async () => {
  crashBeforeAnswerIsKept();
  await create('k');
  test.clock.advanceSeconds(61);
  await create('k');
  test.injectFault(undefined);
  test.clock.advanceSeconds(24 * 3600 + 1);
  expect(await marks()).toEqual([]);
});

it.each(['', 'with space', 'é', 'a, b', 'x'.repeat(256)])(
  'refuses an unusable key (case %#)',
  async (key) => {
    expect(await create(key)).toMatchObject({
      status: 400,
      body: { errors: [{ parameter: 'Idempotency-Key' }] },
    });
  },
);

it('logs a failed change elsewhere and carries out its repeat', async () => {
  let fails = true;
  const acts = externalChange(() => (fails ? Promise.reject(new Error('no')) : Promise.resolve()));
  expect((await call(test.services, acts, withKey('k'))).status).toBe(500);
  fails = false;
  expect((await call(test.services, acts, withKey('k'))).status).toBe(204);
  expect((await entries()).map(({ outcome }) => outcome).sort()).toEqual(['attempted', 'failed']);
});

describe('an answer with a one-time secret', () => {
  const createOnce = () => call(test.services, createKey, withKey('k'));

  it('is given once and kept nowhere', async () => {
    expect((await createOnce()).body['key']).toBe('one-time-secret-value');
    const repeat = await createOnce();
    expect(repeat).toMatchObject({ status: 409, body: { code: 'idempotency-response-not-kept' } });
    expect(repeat.text).not.toContain('one-time-secret-value');
    expect([...(await test.stored('control')), ...(await test.stored('people'))].join()).not.toContain(
      'one-time-secret-value',
    );
    expect(await samples()).toHaveLength(1);
  });

  it('is not made up anew after a crash, however often the request is repeated', async () => {
    crashBeforeAnswerIsKept();
    expect((await createOnce()).status).toBe(503);
    test.injectFault(undefined);
    test.clock.advanceSeconds(61);
    for (let repeat = 0; repeat < 3; repeat++) {
      expect((await createOnce()).body.code).toBe('idempotency-response-not-kept');
    }
    expect(await samples()).toHaveLength(1);
  });
});

describe('OPS-2: a mark whose creation gets no answer', () => {
  const lost = () => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
  const isCreation = (request: {
    method: string;
    body: string;
    headers: Record<string, string | undefined>;
  }) =>
    request.method === 'POST' &&
    request.body.includes('"type":"idempotency"') &&
    request.headers['x-ms-documentdb-is-upsert'] === undefined;
  const eventually = async (check: () => Promise<boolean>) => {
    for (let n = 0; n < 100 && !(await check()); n++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await check()).toBe(true);
  };
  const isReleased = async () => {
    const [mark] = (await marks()).map(
      (text) => JSON.parse(text) as { workingUntil: string; firstStartedAt: string },
    );
    return mark?.workingUntil === mark?.firstStartedAt;
  };

  it.each(['before its request fails', 'long after it'])(
    'and takes effect %s keeps no repeat waiting',
    async (when) => {
      let late: (() => Promise<unknown>) | undefined;
      test.injectFault(async (request, next) => {
        if (late || !isCreation(request)) return next(request);
        late = () => next(request);
        if (when === 'before its request fails') await late();
        throw lost();
      });
      expect((await create('k')).status).toBe(503);
      await eventually(async () => (await marks()).length === 1 && (await isReleased()));
      await late?.();
      expect(await isReleased()).toBe(true);
      expect((await create('k')).status).toBe(201);
      expect(await samples()).toHaveLength(1);
      expect((await create('k')).status).toBe(201);
      expect(await samples()).toHaveLength(1);
    },
  );

  it('is of the request whose write the SDK repeated', async () => {
    let repeated = false;
    test.injectFault(async (request, next) => {
      if (repeated || !isCreation(request)) return next(request);
      repeated = true;
      await next(request);
      return next(request);
    });
    expect((await create('k')).status).toBe(201);
    expect(repeated).toBe(true);
    expect(await samples()).toHaveLength(1);
  });
});
