/** The reference client against a service that limits how much it takes. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { testClient } from './testing/test-client';
import { waitBeforeRetry } from './connection';

const RETRY_AFTER_SECONDS = 30;

/** The clock of the test: waiting takes no time but moves it. */
let clockMs = 0;

interface Received {
  path: string;
  at: number;
  status: number;
  body: string;
}

/** A service that refuses the first request of each kind, then every third delivery; what it received. */
function limitingService(received: Received[]) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const sent = Buffer.concat(pieces);
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString();
    const url = request.url ?? '';
    const before = received.filter((other) => other.path === url).length;
    const isRefused = before === 0 || (url.endsWith('/events') && before % 3 === 0);
    received.push({ path: url, at: clockMs, status: isRefused ? 429 : 200, body });
    const answer = isRefused ? { code: 'too-many-requests', detail: 'wait' } : answerTo(url);
    const retry = isRefused ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
    response
      .writeHead(isRefused ? 429 : 200, { 'content-type': 'application/json', etag: '"1"', ...retry })
      .end(JSON.stringify(answer));
  };
}

function answerTo(url: string): object {
  if (url.endsWith('/token')) return { access_token: 'a', expires_in: 900 };
  if (url.endsWith('/servers')) return { serverId: 's' };
  if (url.endsWith('/configuration')) return { server: { heartbeatSeconds: 60 } };
  if (url.endsWith('/heartbeat')) return { configurationEtag: '"1"', commandsWaiting: false };
  if (url.endsWith('/sessions')) return { sessionId: 'session', decision: {} };
  return { pollCommandsSeconds: 0 };
}

const event = (number: number) => ({
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  type: 'appStart' as const,
  time: '2024-03-04T09:00:00.000Z',
  data: { appName: 'a.exe', commandLine: 'a'.repeat(2_000) },
});

test('CCL-6: the client waits as a limiting service asks, and delivers everything once and in order', async () => {
  const received: Received[] = [];
  const handle = limitingService(received);
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = mkdtempSync(path.join(tmpdir(), 'back-pressure-'));
  const rejected: unknown[] = [];
  const client = testClient({
    serviceUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    folder,
    wait: async (milliseconds) => {
      clockMs += milliseconds;
      await new Promise(setImmediate);
    },
    onRejected: (delivery) => rejected.push(delivery),
  });
  try {
    await client.start();
    const facts = { user: { name: 'EXAMPLE\\dana', groups: [] }, machine: 'm', application: 'a', tags: [] };
    client.startSession({ sessionKey: 'key', startedAt: '2024-03-04T09:00:00.000Z', facts });
    for (let batch = 0; batch < 7; batch++) client.addEvents('key', [event(2 * batch), event(2 * batch + 1)]);
    client.endSession('key', '2024-03-04T10:00:00.000Z');
    await client.delivered();
  } finally {
    await client.stop();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
  expect(rejected).toEqual([]);
  expect(received.filter(({ status }) => status === 429).length).toBeGreaterThan(8);
  expect(deliveredEvents(received)).toEqual(Array.from({ length: 14 }, (_, number) => event(number).id));
  expect(received.at(-1)?.path).toMatch(/\/sessions\/session\/end$/);
  expect(waitsOf(received).filter((milliseconds) => milliseconds < RETRY_AFTER_SECONDS * 1000)).toEqual([]);
});

function deliveredEvents(received: readonly Received[]): string[] {
  return received
    .filter(({ path: url, status }) => url.endsWith('/events') && status === 200)
    .flatMap(({ body }) => (JSON.parse(body) as { events: { id: string }[] }).events.map(({ id }) => id));
}

/** Milliseconds from each refusal to the next request of the same kind. */
function waitsOf(received: readonly Received[]): number[] {
  return received.flatMap(({ path: url, at, status }, index) => {
    if (status !== 429) return [];
    const next = received.slice(index + 1).find((other) => other.path === url);
    return next ? [next.at - at] : [];
  });
}

test('CCL-6: a retry never comes before Retry-After, in seconds or as a date, and not all servers come at once', () => {
  const [soon, late] = [() => 0, () => 1];
  expect([waitBeforeRetry('30', 200, soon), waitBeforeRetry('30', 200, late)]).toEqual([30_000, 45_000]);
  expect([waitBeforeRetry(undefined, 200, soon), waitBeforeRetry(undefined, 200, late)]).toEqual([200, 200]);
  expect(waitBeforeRetry('soon', 200, soon)).toBe(200);
  const date = new Date(Date.now() + 60_000).toUTCString();
  expect(waitBeforeRetry(date, 200, soon)).toBeGreaterThan(58_000);
});
