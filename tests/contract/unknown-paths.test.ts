/** What answers for paths, methods and bodies that no operation has. */
import { problemFaults } from '../support/problem-answer';
import { rawRequest } from '../support/raw-request';
import { startService, type TestService } from '../support/service';

let service: TestService;
let token: string;

beforeAll(async () => {
  service = await startService();
  token = await service.token();
}, 120_000);

afterAll(() => service.stop());

const send = (method: string, path: string, headers: object = {}, body?: string) =>
  rawRequest(service.url, {
    method,
    path,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });

test.each(['/api/nope', '/nope', '//api/v1/sites', '/api//v1/sites'])(
  'OPS-2: the unknown path %s is not found, as a problem',
  async (path) => {
    const answer = await send('GET', path);
    expect(problemFaults(answer)).toEqual([]);
    expect(answer.status).toBe(404);
  },
);

test('OPS-2: another method on a known path is refused with Allow', async () => {
  const answer = await send('DELETE', '/api/v1/sites');
  expect(problemFaults(answer)).toEqual([]);
  expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, POST']);
});

test('OPS-2: an empty body is said to be missing, whatever its type, and only another type is unsupported', async () => {
  for (const headers of [{}, { 'content-type': 'application/json' }, { 'content-type': 'text/plain' }]) {
    const answer = await send('POST', '/api/v1/sites', headers, '');
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('A body is required')]);
  }
  const answer = await send('POST', '/api/v1/sites', { 'content-type': 'text/plain' }, '{"name":"x"}');
  expect([answer.status, answer.text]).toEqual([415, expect.stringContaining('application/json')]);
});

test('OPS-2: ids are read in either case, in paths, queries and bodies', async () => {
  const json = { 'content-type': 'application/json' };
  const made = await send('POST', '/api/v1/sites', json, '{"name":"Paris"}');
  const { id } = JSON.parse(made.text) as { id: string };
  expect((await send('GET', `/api/v1/sites/${id.toUpperCase()}`)).status).toBe(200);
  expect((await send('GET', `/api/v1/servers?siteId=${id.toUpperCase()}`)).status).toBe(200);
  const recordingId = '0197F3A1-7C1E-7A52-9F0B-3F6D2C9A1E55-0001';
  const restricted = await send(
    'POST',
    '/api/v1/recordings/restrict',
    json,
    JSON.stringify({ recordingIds: [recordingId] }),
  );
  expect(restricted.status).toBe(404);
});
