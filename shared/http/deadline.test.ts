/** Requests behind which something hangs: when they are answered, and what becomes of what they had begun. */
import { setTimeout as sleep } from 'node:timers/promises';
import { call, type TestRequest } from '../../tests/support/call';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import {
  createSample,
  getSample,
  listSamples,
  externalChange,
  sampleType,
} from '../../tests/support/sample-capability';
import { auditLog } from '../../tests/support/logs';
import { lineLog } from '../telemetry/telemetry';
import type { Operation } from './operation';

const DEADLINE_SECONDS = 0.3;

let test: TestServices;
let token: string;
let lines: { event: string; code?: string; status?: number; operation?: string }[];

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
  lines = [];
});

afterEach(() => test.close());

const control = () => test.services.database.control(CONTOSO);
const samples = () => control().list(sampleType, { limit: 100 });
const outcomes = async () => (await auditLog(test.services)).map(({ outcome }) => outcome).sort();
const log = lineLog((line) => lines.push(JSON.parse(line) as (typeof lines)[number]));
const within = (operation: Operation): Operation => ({ ...operation, deadlineSeconds: DEADLINE_SECONDS });
const send = (operation: Operation, request: TestRequest = {}) =>
  call(test.services, within(operation), { token, log, ...request });
const events = () => lines.map(({ event }) => event);

/** The database answers nothing that `isHung` picks, until the returned function is called. */
function hang(isHung: (method: string, body: string) => boolean): () => void {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  test.injectFault(async (request, next) => {
    if (isHung(request.method, request.body)) await released;
    return next(request);
  });
  return release;
}

/** As `hang`, but what is picked is carried out at once; only its answer is late. */
function hangAnswers(isHung: (body: string) => boolean): () => void {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  test.injectFault(async (request, next) => {
    const answer = await next(request);
    if (isHung(request.body)) await released;
    return answer;
  });
  return release;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < 500; look++) {
    if (await isSo()) return;
    await sleep(10);
  }
  throw new Error('it did not come to that');
}

const isCreation = (body: string) => body.includes('"type":"sample"');

describe('a request that hangs', () => {
  it.each<[string, Operation, TestRequest]>([
    ['while it is authenticated', listSamples, {}],
    ['while what it names is read', getSample, { params: { sampleId: 'a' } }],
    ['while it works', createSample, { body: { name: 'x' } }],
    [
      'while its key is looked at',
      createSample,
      { body: { name: 'x' }, headers: { 'idempotency-key': 'k' } },
    ],
    ['while its audit entry is written', externalChange(async () => undefined), {}],
  ])('%s is answered with 503 at the deadline', async (_where, operation, request) => {
    // The mapped groups of somebody without a role of their own are read from the database.
    const roles =
      operation === listSamples ? { roles: [], groups: ['11111111-2222-4333-8444-555555555555'] } : {};
    const release = hang(() => true);
    const startedAt = performance.now();
    const answer = await send(operation, { ...request, token: await test.issuer.token(roles) });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(DEADLINE_SECONDS * 1000 - 5);
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { code: 'unavailable' },
    });
    expect(lines).toMatchObject([
      { event: 'request.failed', operation: operation.id, status: 503, code: 'unavailable' },
    ]);
    release();
    await until(() => events().includes('request.finished-late'));
  });

  it('begins nothing after its deadline', async () => {
    let acted = false;
    const acts = externalChange(async () => {
      acted = true;
    });
    const release = hang(() => true);
    expect((await send(acts)).status).toBe(503);
    release();
    await until(() => events().includes('request.finished-late'));
    expect(acted).toBe(false);
    expect(await outcomes()).toEqual(['attempted', 'failed']);
  });

  it('has the time that it was asked to wait besides', async () => {
    const waits: Operation = {
      ...listSamples,
      waitSeconds: () => 1,
      handle: async ({ signal }) => {
        await sleep(DEADLINE_SECONDS * 1000 + 200);
        return { body: { value: [] }, status: signal.aborted ? 500 : 200 };
      },
    };
    expect((await send(waits)).status).toBe(200);
    expect(lines).toEqual([]);
  });

  it('tells its handler, which can end what only the caller waited for', async () => {
    const waits: Operation = {
      ...listSamples,
      handle: async ({ signal }) => {
        await sleep(60_000, undefined, { signal });
        return { body: { value: [] } };
      },
    };
    expect((await send(waits)).status).toBe(503);
    await until(() => events().includes('request.finished-late'));
    expect(lines.at(-1)).toMatchObject({ status: 503, code: 'unavailable' });
  });
});

describe('what a request had begun at its deadline', () => {
  const headers = { 'idempotency-key': 'k' };
  const create = () => send(createSample, { body: { name: 'x' }, headers });

  it('goes on, and a repeat with its key waits for it and then gets its answer', async () => {
    const release = hangAnswers(isCreation);
    expect((await create()).status).toBe(503);
    expect((await create()).body.code).toBe('idempotency-in-progress');
    release();
    await until(() => events().includes('request.finished-late'));
    expect(lines.at(-1)).toMatchObject({ event: 'request.finished-late', status: 201 });
    const repeat = await create();
    const [made] = await samples();
    expect(repeat).toMatchObject({ status: 201, body: { id: made?.id } });
    expect(await samples()).toHaveLength(1);
    expect(await outcomes()).toEqual(['succeeded']);
  });

  it('is repeated with its key when it fails after all', async () => {
    let isHung = true;
    test.injectFault(async (request, next) => {
      if (!isHung || !isCreation(request.body)) return next(request);
      await until(() => !isHung);
      throw Object.assign(new Error('lost'), { code: 'ECONNRESET' });
    });
    expect((await create()).status).toBe(503);
    isHung = false;
    await until(() => events().includes('request.finished-late'));
    expect((await create()).status).toBe(201);
    expect(await samples()).toHaveLength(1);
    expect(await outcomes()).toEqual(['succeeded']);
  });
});

describe('the administrator log of a change that lies elsewhere', () => {
  it('does not call failed what was not answered and may have been done', async () => {
    const lost = Object.assign(new Error('lost'), { code: 'ETIMEDOUT' });
    expect((await send(externalChange(() => Promise.reject(lost)))).status).toBe(503);
    expect(await outcomes()).toEqual(['attempted']);
  });

  it('does not call failed what was done when only its answer cannot be kept', async () => {
    let marks = 0;
    test.injectFault((request, next) =>
      request.body.includes('"type":"idempotency"') && marks++ === 1
        ? Promise.resolve({ status: 503, headers: {}, body: '{"message":"busy"}' })
        : next(request),
    );
    const acts = jest.fn(async () => undefined);
    const headers = { 'idempotency-key': 'k' };
    expect((await send(externalChange(acts), { headers })).status).toBe(503);
    expect(acts).toHaveBeenCalledTimes(1);
    expect(await outcomes()).toEqual(['attempted']);
  });
});
