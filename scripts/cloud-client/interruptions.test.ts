/** The reference client while the service is away, busy, behind a proxy's error page, or has revoked its credentials. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CloudClient } from './cloud-client';
import { CredentialsRefusedError } from './connection';
import { deliverLog } from './deliver-log';
import { followEventLog } from './event-log/read-event-log';
import { FakeService } from './testing/fake-service';
import { eventsFrom, IDLE_HOST, startSession, testClient } from './testing/test-client';

let folder: string;
let service: FakeService;
let client: CloudClient;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'interruptions-'));
  service = await FakeService.start();
  client = testClient({ serviceUrl: service.url, folder });
});
afterEach(async () => {
  await client.stop().catch(() => undefined);
  service.stop();
  rmSync(folder, { recursive: true });
});

/** The ids of these events, as the service has got them. */
const ids = (first: number, end: number) => eventsFrom(first, end).map(({ id }) => id);

it('CCL-6: while the service is away for ten minutes nothing is lost, and all arrives once and in order afterwards', async () => {
  // Waiting takes no time but moves this clock.
  let elapsedMs = 0;
  let attempts = 0;
  await client.stop();
  client = testClient({
    serviceUrl: service.url,
    folder,
    wait: async (milliseconds) => {
      elapsedMs += milliseconds;
      await new Promise(setImmediate);
    },
  });
  await client.start();
  service.isAway = () => {
    attempts += 1;
    return elapsedMs < 600_000;
  };
  startSession(client, 'a');
  for (let batch = 0; batch < 20; batch++) client.addEvents('a', eventsFrom(batch * 10, batch * 10 + 10));
  client.endSession('a', '2024-03-04T17:00:00.000Z');
  await client.delivered();
  expect(service.delivered).toEqual(['start a', ...ids(0, 200), 'end session-of-a']);
  // It backed off: at most every five seconds, after the first few seconds.
  expect(attempts).toBeLessThan(160);
});

it('CCL-6: a service that asks to wait by 429 is obeyed, and gets everything', async () => {
  await client.start();
  const waits: number[] = [];
  let refusals = 3;
  service.answer = ({ path: asked }) => {
    if (asked !== '/events' || refusals-- <= 0) return undefined;
    waits.push(Date.now());
    return [429, { code: 'too-many-requests', detail: 'slower' }, { 'retry-after': '1' }];
  };
  startSession(client, 'a');
  client.addEvents('a', eventsFrom(0, 3));
  await client.delivered();
  expect(service.delivered).toEqual(['start a', ...ids(0, 3)]);
  expect(waits.slice(1).map((at, index) => at - (waits[index] ?? 0) >= 950)).toEqual([true, true]);
});

it('CCL-6: while its site is gone, the server registers again, and what it has spooled is repeated, not refused', async () => {
  let hasSite = true;
  let registrations = 0;
  service.answer = ({ path: asked }) => {
    if (asked === '/servers') {
      registrations += 1;
      hasSite = true;
    }
    if (asked.endsWith('/commands')) return [200, { value: [] }];
    if (hasSite) return undefined;
    if (asked.endsWith('/heartbeat')) return [409, { code: 'conflict', detail: 'register again' }];
    if (['/sessions', '/events', '/performance'].includes(asked))
      return [409, { code: 'server-without-site', detail: 'the site was deleted' }];
    return undefined;
  };
  await client.start();
  hasSite = false;
  startSession(client, 'a');
  client.addEvents('a', eventsFrom(0, 3));
  await client.delivered();
  expect(service.delivered).toEqual(['start a', ...ids(0, 3)]);
  expect(registrations).toBe(2);
});

it('CCL-6: an error page that is not from the service says nothing about a delivery', async () => {
  await client.start();
  const pages = [403, 407, 404, 302, 200];
  service.answer = ({ path: asked }) => {
    const status = asked === '/sessions' ? pages.shift() : undefined;
    return status === undefined ? undefined : [status, '<html>Blocked by the proxy</html>'];
  };
  startSession(client, 'a');
  client.addEvents('a', eventsFrom(0, 1));
  await client.delivered();
  expect(service.delivered).toEqual(['start a', ...ids(0, 1)]);
});

it('CCL-6: a client that is revoked in the middle of its spool stops, keeps the spool, and says what to do', async () => {
  const started: string[] = [];
  await client.start();
  startSession(client, 'a');
  for (let batch = 0; batch < 10; batch++) client.addEvents('a', eventsFrom(batch, batch + 1));
  service.answer = ({ path: asked }) => {
    if (asked === '/events') started.push(asked);
    if (started.length === 5) service.isRevoked = true;
    return service.isRevoked ? [401, { code: 'unauthenticated', detail: 'revoked' }] : undefined;
  };
  await expect(client.finished).rejects.toThrow(CredentialsRefusedError);
  await expect(client.finished).rejects.toThrow(/revoked, .* get a new secret from an administrator/);
  await expect(client.delivered()).rejects.toThrow(CredentialsRefusedError);
  expect(client.pending).toBe(6);
  expect(readdirSync(path.join(folder, 'spool/refused'))).toEqual([]);

  // With a new secret it goes on where it was.
  service.isRevoked = false;
  service.answer = () => undefined;
  client = testClient({ serviceUrl: service.url, folder });
  await client.start();
  await client.delivered();
  expect(service.delivered).toEqual(['start a', ...ids(0, 10)]);
});

it('CCL-6: a client whose server was given to another one keeps its spool', async () => {
  await client.start();
  startSession(client, 'a');
  await client.delivered();
  service.answer = ({ path: asked }) => {
    if (asked === '/token') return undefined;
    if (asked === '/servers') return [403, { code: 'server-of-another-client', detail: 'of another client' }];
    return [404, { code: 'not-found', detail: 'there is none' }];
  };
  client.addEvents('a', eventsFrom(0, 1));
  await expect(client.finished).rejects.toThrow('server-of-another-client');
  expect([client.pending, readdirSync(path.join(folder, 'spool/refused'))]).toEqual([1, []]);
});

it('CCL-7: a log that is read again from its start, by the next process, is not delivered again', async () => {
  async function* log() {
    yield `${eventsFrom(0, 5)
      .map((event) => JSON.stringify({ ...event, session: { host: 'h', user: 'EXAMPLE\\dana' } }))
      .join('\n')}\n`;
  }
  const read = () => deliverLog(client, followEventLog({ kind: 'stream', stream: log() }));
  service.isAway = () => service.requests.length > 3;
  await client.start();
  await read();
  await client.stop();
  service.isAway = () => false;
  client = testClient({ serviceUrl: service.url, folder });
  await read();
  await client.start();
  await client.delivered();
  expect(service.delivered.filter((what) => what.startsWith('0b8f6f0e'))).toEqual(ids(0, 5));
});

it('CCL-6: a full spool stops the reading of a log until the service is back, and loses nothing', async () => {
  await client.stop();
  client = testClient({ serviceUrl: service.url, folder, maxSpoolBytes: 2_000 });
  await client.start();
  service.isAway = () => true;
  let readBatches = 0;
  async function* batches() {
    for (; readBatches < 50; readBatches++)
      yield {
        session: { host: 'h', user: 'EXAMPLE\\dana', key: 'a' },
        events: eventsFrom(readBatches, readBatches + 1),
      };
  }
  const log = { batches: batches(), counts: followEventLog({ kind: 'file', path: '' }).counts };
  const reading = deliverLog(client, log);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(client.isSpoolFull).toBe(true);
  expect(readBatches).toBeLessThan(20);
  service.isAway = () => false;
  await reading;
  await client.delivered();
  expect(service.delivered).toEqual(['start a', ...ids(0, 50)]);
});

it('CCL-5: with a clock that is ten minutes off, commands and expiries are judged by the time of the service', async () => {
  await client.stop();
  const executed: string[] = [];
  const minutes = 10;
  client = testClient({
    serviceUrl: service.url,
    folder,
    now: () => Date.now() + minutes * 60_000,
    host: {
      ...IDLE_HOST,
      lockSession: ({ id }) => {
        executed.push(id);
        return Promise.resolve();
      },
    },
  });
  const expiresAt = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  const commands = [
    { id: 'in-time', kind: 'lockSession', parameters: {}, expiresAt: expiresAt(60) },
    { id: 'expired', kind: 'lockSession', parameters: {}, expiresAt: expiresAt(-60) },
  ];
  service.answer = ({ path: asked }) => {
    if (asked.endsWith('/heartbeat')) return [200, { configurationEtag: '"1"', commandsWaiting: true }];
    return asked.endsWith('/commands') ? [200, { value: commands.splice(0) }] : undefined;
  };
  await client.start();
  const answered = () => service.requests.filter(({ path: asked }) => asked.endsWith('/result'));
  while (answered().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(executed).toEqual(['in-time']);
  expect(answered().map(({ body }) => body['status'])).toEqual(['succeeded', 'failed']);
  // What it says of its own clock stays uncorrected: the service measures and corrects it.
  const sent = service.requests.find(({ path: asked }) => asked === '/servers')?.body['clientTime'];
  expect(Math.round((Date.parse(String(sent)) - Date.now()) / 60_000)).toBe(minutes);
  expect(Math.abs(client.connection.clock.serviceNow() - Date.now())).toBeLessThan(2_000);
});
