/** Which requests leave a line in the log, at which level, and what it says. */
import { setTimeout as sleep } from 'node:timers/promises';
import { call, TRACE_ID, type TestRequest } from '../../tests/support/call';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { createSample, getSample, listSamples, externalChange } from '../../tests/support/sample-capability';
import { lineLog } from '../telemetry/telemetry';
import type { Operation } from './operation';

const SLOW_SECONDS = 0.5;

let test: TestServices;
let token: string;
let lines: object[];

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
  lines = [];
});

afterEach(() => test.close());

const log = lineLog((line, level) => lines.push({ level, ...(JSON.parse(line) as object) }));
const send = (operation: Operation, request: TestRequest = {}) => {
  const { config: usual } = test.services;
  const config = { ...usual, requests: { ...usual.requests, slowSeconds: SLOW_SECONDS } };
  return call({ ...test.services, config }, operation, { token, log, ...request });
};
const sleeps = (seconds: number, waitSeconds = 0): Operation => ({
  ...listSamples,
  waitSeconds: () => waitSeconds,
  handle: async () => {
    await sleep(seconds * 1000);
    return { body: { value: [] } };
  },
});
const common = { traceId: TRACE_ID, durationMs: expect.any(Number) as number };

it('says nothing of a request that succeeds in time', async () => {
  expect((await send(createSample, { body: { name: 'x' } })).status).toBe(201);
  expect(lines).toEqual([]);
});

it('warns of a slow request, once', async () => {
  await send(sleeps(SLOW_SECONDS + 0.1));
  expect(lines).toEqual([
    {
      level: 'warn',
      event: 'request.slow',
      ...common,
      operation: 'listSamples',
      status: 200,
      customerId: CONTOSO,
    },
  ]);
});

it('does not call slow who waited as they were asked to', async () => {
  await send(sleeps(SLOW_SECONDS + 0.1, 1));
  expect(lines).toEqual([]);
});

it.each<[string, number, string, Operation, TestRequest]>([
  ['info', 400, 'validation-failed', createSample, { body: {} }],
  ['info', 404, 'not-found', getSample, { params: { sampleId: 'none' } }],
  ['info', 409, 'conflict', createSample, { body: { name: 'refused' } }],
])(
  'tells at level %s that a request was refused with %i',
  async (level, status, code, operation, request) => {
    await send(operation, request);
    expect(lines).toEqual([
      {
        level,
        event: 'request.refused',
        ...common,
        operation: operation.id,
        status,
        code,
        customerId: CONTOSO,
      },
    ]);
  },
);

it('warns of a caller without the right', async () => {
  await send(createSample, { token: await test.issuer.token({ roles: [] }), body: { name: 'x' } });
  expect(lines).toMatchObject([{ level: 'warn', event: 'request.refused', code: 'forbidden' }]);
});

it('knows no customer of a caller who is not known', async () => {
  await send(createSample, { token: 'none', body: { name: 'x' } });
  expect(lines).toEqual([
    {
      level: 'info',
      event: 'request.refused',
      ...common,
      operation: 'createSample',
      status: 401,
      code: 'unauthenticated',
    },
  ]);
});

it('reports a failure with its error, once', async () => {
  await send(externalChange(() => Promise.reject(new Error('broken inside'))));
  expect(lines).toEqual([
    {
      level: 'error',
      event: 'request.failed',
      ...common,
      operation: 'externalChange',
      status: 500,
      code: 'internal-error',
      customerId: CONTOSO,
      error: expect.stringContaining('broken inside') as string,
    },
  ]);
});
