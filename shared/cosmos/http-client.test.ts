/** What the Cosmos SDK is spared: silence, waits without end, and errors that it would repeat for minutes. */
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import { NotAnswered, TIME_LIMITS } from '../time-limits';
import { cosmosHttpClient } from './http-client';

const request = (method: HttpMethods, headers = {}): PipelineRequest =>
  createPipelineRequest({ url: 'https://cosmos.test/', method, headers: createHttpHeaders(headers) });
const answering = (status: number, headers = {}): HttpClient => ({
  sendRequest: async (sent) => ({
    status,
    headers: createHttpHeaders(headers),
    request: sent,
    bodyAsText: '{}',
  }),
});
const failing = (code: string): HttpClient => ({
  sendRequest: () => Promise.reject(Object.assign(new Error(code), { code })),
});

it('passes answers on', async () => {
  expect(await cosmosHttpClient(answering(404)).sendRequest(request('GET'))).toMatchObject({ status: 404 });
});

it.each([
  [100, '100'],
  [600_000, '2000'],
])('makes the SDK wait at most two seconds when the server asks for %i ms', async (asked, waits) => {
  const client = cosmosHttpClient(answering(429, { 'x-ms-retry-after-ms': String(asked) }));
  const { headers } = await client.sendRequest(request('POST'));
  expect(headers.get('x-ms-retry-after-ms')).toBe(waits);
});

it.each(['ENOTFOUND', 'REQUEST_SEND_ERROR'])('hides %s, which the SDK repeats for minutes', async (code) => {
  await expect(cosmosHttpClient(failing(code)).sendRequest(request('GET'))).rejects.toMatchObject({
    code: 'EHOSTUNREACH',
    cause: { code },
  });
});

it('passes other errors on', async () => {
  await expect(cosmosHttpClient(failing('ECONNRESET')).sendRequest(request('GET'))).rejects.toMatchObject({
    code: 'ECONNRESET',
  });
});

describe('a gateway that does not answer', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([
    ['a read', request('GET'), 2],
    ['a query', request('POST', { 'x-ms-documentdb-isquery': 'true' }), 2],
    ['a write', request('POST'), 1],
    ['a patch', request('PATCH'), 1],
  ])('is asked %s so often', async (_what, sent, tries) => {
    const sendRequest = jest.fn(() => new Promise<never>(() => undefined));
    const ends = expect(cosmosHttpClient({ sendRequest }).sendRequest(sent)).rejects.toThrow(NotAnswered);
    await jest.advanceTimersByTimeAsync(TIME_LIMITS.cosmosRead.tryMilliseconds * 2);
    await ends;
    expect(sendRequest).toHaveBeenCalledTimes(tries);
  });

  it('is left when the caller gives up', async () => {
    const controller = new AbortController();
    const sendRequest: HttpClient['sendRequest'] = ({ abortSignal }) =>
      new Promise((_, reject) => abortSignal?.addEventListener('abort', () => reject(new Error('left')), {}));
    const sent = { ...request('GET'), abortSignal: controller.signal };
    const ends = expect(cosmosHttpClient({ sendRequest }).sendRequest(sent)).rejects.toThrow('left');
    controller.abort();
    await ends;
  });
});
