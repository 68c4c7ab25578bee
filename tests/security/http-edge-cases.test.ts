/** HTTP edge cases that no client library would send: unusual paths, methods and headers, and bytes that are not HTTP. */
import { connect } from 'node:net';
import { operations } from '../../functions/operations';
import { forEachConcurrently } from '../support/for-each-concurrently';
import { problemFaults } from '../support/problem-answer';
import { rawRequest } from '../support/raw-request';
import { startService, type TestService } from '../support/service';

let service: TestService;
let token: string;

beforeAll(async () => {
  service = await startService();
  token = await service.token();
}, 60_000);

afterAll(() => service.stop());

/** Writes bytes to the service's port; the status of each answer, until the service closes the connection. */
function statusesOf(bytes: string): Promise<number[]> {
  const { port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error(`No data for 10 s: ${bytes.slice(0, 200)}`)));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('end', () =>
      resolve([...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))),
    );
  });
}

const get = (path: string, headers: string[]) =>
  [`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headers, '', ''].join('\r\n');

test.each([
  '/api/v1/%',
  '/api/v1/%zz',
  '/api/v1/%ff',
  '/api/v1/me%00',
  '/api/v1/me%2f',
  '/api/v1//me',
  '/api//v1/me',
  '/api/v1/me//',
  '/api/v1/./nothing/../nobody',
  '/api/v1/%2e%2e/%2e%2e/api/v1/nothing',
  '/api/v2/me',
  '/api/v1/me;x=1',
  '/api/v1/me%3F',
  `/api/${'x/'.repeat(2_000)}`,
  `/api/v1/${'x'.repeat(10_000)}`,
])('the path %.40s is refused with a problem of its own', async (path) => {
  const answer = await rawRequest(service.url, {
    method: 'GET',
    path,
    headers: { authorization: `Bearer ${token}` },
  });
  expect(problemFaults(answer)).toEqual([]);
});

/** Of every operation whose path this one fits, too: `/recordings/restrict` fits `/recordings/{recordingId}`. */
function methodsOf(path: string): string[] {
  const fitting = operations.filter((operation) =>
    new RegExp(`^${operation.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return [...new Set(fitting.map(({ method }) => method))];
}

test('a method that a path lacks is refused with 405 and the allowed methods', async () => {
  const paths = new Set(operations.map(({ path }) => path));
  const attempts = [...paths].flatMap((path) => {
    const known = methodsOf(path);
    return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
      .filter((method) => !known.includes(method))
      .map((method) => ({ path, method, known }));
  });
  const faults: string[] = [];
  await forEachConcurrently(attempts, async ({ path, method, known }) => {
    const answer = await rawRequest(service.url, { method, path: path.replaceAll(/\{\w+\}/g, 'none') });
    const found = problemFaults(answer);
    if (answer.status !== 405) found.push(`status ${answer.status}`);
    if (answer.headers.allow !== known.join(', ')) found.push(`Allow: ${answer.headers.allow}`);
    faults.push(...found.map((fault) => `${method} ${path}: ${fault}`));
  });
  expect(faults).toEqual([]);
}, 60_000);

test('HEAD never has a body', async () => {
  for (const path of ['/api/health', '/api/v1/me', '/api/v1/nothing']) {
    const { status, text } = await rawRequest(service.url, { method: 'HEAD', path });
    expect(text).toBe('');
    expect(status).toBe(path === '/api/v1/nothing' ? 404 : 405);
  }
});

test.each(['TRACE', 'PROPFIND', 'SEARCH', 'LINK', 'PURGE'])(
  'the method %s is unknown to this API',
  async (method) => {
    const { status } = await rawRequest(service.url, { method, path: '/api/v1/me' });
    expect([404, 405, 501]).toContain(status);
  },
);

test('repeated headers are refused', async () => {
  const bearer = `Authorization: Bearer ${token}`;
  expect(await statusesOf(get('/api/v1/me', [bearer]))).toEqual([200]);
  expect(await statusesOf(get('/api/v1/me', [bearer, bearer]))).toEqual([401]);
  expect(await statusesOf(get('/api/v1/me', ['Authorization: Bearer x', bearer]))).toEqual([401]);
  const post = ['POST /api/v1/sites HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close', bearer];
  const type = 'Content-Type: application/json';
  const send = (...headers: string[]) => statusesOf([...post, ...headers, '', '{"name":"x"}'].join('\r\n'));
  expect(await send(type, 'Content-Length: 12')).toEqual([201]);
  expect(await send(type, 'Content-Type: text/plain', 'Content-Length: 12')).toEqual([415]);
  expect(await send(type, 'Content-Length: 12', 'Content-Length: 2')).toEqual([400]);
  expect(await send(type, 'Content-Length: 12', 'Transfer-Encoding: chunked')).toEqual([400]);
  expect(await send(type, 'Content-Length: -1')).toEqual([400]);
  expect(await send(type, 'Content-Length: 12', 'Content-Encoding: gzip', 'Content-Encoding: gzip')).toEqual([
    415,
  ]);
});

test.each([
  ['POST /api/v1/sites', 'application/json', '{"name":"x"}'],
  ['POST /api/v1/eventTriggerTemplates', 'application/json', '{}'],
  ['POST /api/cloud-client/v1/token', 'application/x-www-form-urlencoded', 'grant_type=client_credentials'],
])('OPS-2: %s with a body in chunks is refused with 411', async (line, type, body) => {
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const headers = [`Authorization: Bearer ${token}`, `Content-Type: ${type}`, 'Transfer-Encoding: chunked'];
  const head = [`${line} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headers].join('\r\n');
  expect(await statusesOf(`${head}\r\n\r\n${chunked}`)).toEqual([411]);
});

test.each([
  ['no HTTP', 'hello\r\n\r\n', [400]],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
  ['no host', 'GET /api/v1/me HTTP/1.1\r\nConnection: close\r\n\r\n', [400]],
  ['an invalid host', 'GET /api/v1/me HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n', [400]],
  ['a host with a path', 'GET /api/v1/me HTTP/1.1\r\nHost: a/b?c\r\nConnection: close\r\n\r\n', [400]],
  ['an empty host', 'GET /api/v1/me HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', [401]],
  [
    'a whole URL of another host as target',
    'GET http://evil.test/api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    [400],
  ],
  [
    'a whole URL as target without a token',
    'GET http://x/api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    [401],
  ],
  ['* as target', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', [404]],
  ['two slashes first', 'GET //evil.test/api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', [404]],
  [
    'a space in a header name',
    'GET /api/v1/me HTTP/1.1\r\nHost: x\r\nA b: c\r\nConnection: close\r\n\r\n',
    [400],
  ],
  ['a header of 20 KB', `GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, [431]],
  ['a path of 20 KB', `GET /api/${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, [431]],
  ['bytes in the path', 'GET /api/v1/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', [400, 404]],
  [
    'bytes in a header',
    'GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\r\nConnection: close\r\n\r\n',
    [401],
  ],
])('%s is refused, and the next request is served', async (_what, bytes, statuses) => {
  const [status, ...others] = await statusesOf(bytes);
  expect(statuses).toContain(status);
  expect(others).toEqual([]);
  expect(await statusesOf(get('/api/v1/me', [`Authorization: Bearer ${token}`]))).toEqual([200]);
});

test('two pipelined requests are answered in order', async () => {
  const first = `GET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n`;
  expect(await statusesOf(first + get('/api/health', []))).toEqual([401, 200]);
});
