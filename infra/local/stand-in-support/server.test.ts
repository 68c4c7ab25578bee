import { request as httpsRequest } from 'node:https';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BrokenConnectionError } from '../faults/fault-injector';
import { ensureCertificates } from '../stack/certificates';
import { trustAuthority } from '../stack/trust';
import { azureErrorBody, HttpError } from './errors';
import { jsonBody, serve, type LocalServer, type Middleware } from './server';

const folder = mkdtempSync(path.join(tmpdir(), 'server-'));
let server: LocalServer;
const seen: string[] = [];
const note: Middleware = (request, next) => {
  seen.push(`${request.method} ${request.url.pathname}`);
  return next();
};
const guard: Middleware = (request, next) => {
  if (request.headers.authorization === undefined) {
    throw new HttpError(401, 'Unauthorized', 'Who are you?', { headers: { 'www-authenticate': 'Bearer' } });
  }
  return next();
};

beforeAll(async () => {
  const { caFile, certFile, keyFile } = await ensureCertificates(folder);
  trustAuthority(caFile);
  server = await serve({
    name: 'test',
    port: 0,
    tls: { cert: readFileSync(certFile), key: readFileSync(keyFile) },
    middleware: [note, guard],
    maxBodyBytes: 100,
    errorBody: azureErrorBody,
    routes: {
      'GET /things/{name}': ({ params }) => ({ status: 200, body: params }),
      'POST /things:echo': (request) => ({ status: 200, body: jsonBody(request) }),
      'GET /cut': () => {
        throw new BrokenConnectionError();
      },
      'GET /broken': () => {
        throw new Error('secret detail');
      },
    },
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const call = (target: string, init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + target, { headers: { authorization: 'me' }, ...init });

it('finds the route, with or without a slash at the end, and decodes its parameters', async () => {
  expect(await (await call('/things/a%20b')).json()).toEqual({ name: 'a b' });
  expect(await (await call('/things/a/')).json()).toEqual({ name: 'a' });
  expect((await call('/things/%E0%A4%A')).status).toBe(400);
});

it('answers 501 with the name of an unknown request', async () => {
  const response = await call('/things/a', { method: 'PUT' });
  expect(response.status).toBe(501);
  expect(await response.json()).toMatchObject({
    error: { message: 'The local test does not implement PUT /things/a.' },
  });
});

it('runs the middleware from the outside in, and answers refusals with their headers', async () => {
  seen.length = 0;
  const response = await call('/things/a', { headers: {} });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(seen).toEqual(['GET /things/a']);
});

it('refuses bodies that are too large or not JSON', async () => {
  expect(await (await call('/things:echo', { method: 'POST', body: '{"a":1}' })).json()).toEqual({ a: 1 });
  expect((await call('/things:echo', { method: 'POST', body: 'x'.repeat(101) })).status).toBe(413);
  expect((await call('/things:echo', { method: 'POST', body: '{' })).status).toBe(400);
});

it('answers 500 without the reason when a handler fails', async () => {
  const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const response = await call('/broken');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret detail');
  expect(logged).toHaveBeenCalled();
  logged.mockRestore();
});

it('ends the connection without an answer for a BrokenConnectionError', async () => {
  await expect(call('/cut')).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
  expect((await call('/things/a')).status).toBe(200);
});

it('does not answer for a host name that is not the loopback', async () => {
  const status = await new Promise((resolve, reject) => {
    const headers = { host: 'evil.example', authorization: 'me' };
    httpsRequest(`${server.url}/things/a`, { headers, servername: 'localhost' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(421);
});
