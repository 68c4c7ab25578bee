/** What is registered with the Functions runtime, and the answer where there is no operation. */
import { app, type HttpFunctionOptions, HttpRequest, InvocationContext } from '@azure/functions';
import { testConfig } from '../../tests/support/test-services';
import { getSample, listSamples, putSample } from '../../tests/support/sample-capability';
import type { Services } from '../services';
import { registerOperations } from './register';

const logged: [level: string, line: unknown][] = [];
const registered = new Map<string, HttpFunctionOptions>();
const dotted = { ...listSamples, id: 'dotted', path: '/api/samples.json' };

beforeAll(() => {
  jest.spyOn(app, 'http').mockImplementation((name, options) => {
    registered.set(name, options);
  });
  const services = { config: testConfig } as Services;
  registerOperations([listSamples, getSample, putSample, dotted], () => services);
});

async function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const [, fallback] = [...registered].at(-1) ?? [];
  if (!fallback) throw new Error('nothing is registered');
  const request = new HttpRequest({ method, url: `https://recording.test${path}`, headers });
  const context = new InvocationContext({
    invocationId: '0af76519-16cd-43dd-8448-eb211c80319c',
    logHandler: (level, line) => logged.push([level, JSON.parse(String(line))]),
  });
  const response = (await fallback.handler(request, context)) as { headers: object; body: string };
  return { ...response, body: JSON.parse(response.body) as object };
}

it('registers a function for each operation, without a key of the platform', () => {
  expect(registered.get('getSample')).toMatchObject({
    methods: ['GET'],
    route: 'api/v1/samples/{sampleId}',
    authLevel: 'anonymous',
  });
  expect(registered.size).toBe(6);
});

it('leads from / to the documentation, and from no other path', async () => {
  const home = registered.get('home');
  const response = await home?.handler(
    new HttpRequest({ method: 'GET', url: 'https://recording.test/' }),
    new InvocationContext(),
  );
  expect(response).toMatchObject({ status: 302, headers: { location: '/api/docs' } });
  expect(home).toMatchObject({ methods: ['GET'], route: '{none:maxlength(0)?}', authLevel: 'anonymous' });
});

it.each(['/api', '/api/v2/samples', '/api/samplesXjson', '/api/v1/samples/a/b'])(
  'answers %s with 404',
  async (path) => {
    expect(await ask('GET', path)).toMatchObject({
      status: 404,
      body: { code: 'not-found', traceId: '0af7651916cd43dd8448eb211c80319c' },
    });
  },
);

it('says which methods a path has', async () => {
  expect(await ask('DELETE', '/api/v1/samples/a')).toMatchObject({
    status: 405,
    headers: { allow: 'GET, PUT' },
    body: { code: 'method-not-allowed' },
  });
});

it('logs a request that leads nowhere in the trace of its caller', async () => {
  logged.length = 0;
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const { body } = await ask('GET', '/api/nowhere', { traceparent });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  expect(body).toMatchObject({ traceId });
  expect(logged).toEqual([
    [
      'information',
      expect.objectContaining({ event: 'request.refused', status: 404, code: 'not-found', traceId }),
    ],
  ]);
});
