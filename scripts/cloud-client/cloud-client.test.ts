/** The reference client against a service that refuses some of what it is sent. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CloudClient, CloudClientOptions } from './cloud-client';
import { startSession, testClient } from './testing/test-client';
import type { RejectedDelivery } from './delivery';

const event = (id: number) => ({
  id: `0b8f6f0e-6f6e-4c9e-9a53-0a4d2a3f9c0${id}`,
  type: 'appStart' as const,
  time: '2024-03-04T09:00:00.000Z',
  data: { appName: 'a.exe' },
});

let folder: string;
let server: Server;
let rejected: { delivery: RejectedDelivery; message: string }[];
let client: CloudClient;
/** The site that the machine belongs to. */
let siteId: string | undefined;
/** Of the configuration. */
let etag: string;

/** Takes every session but one that began in 2020. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const piece of request) body += String(piece);
  const [status, json] = answerTo(request.url ?? '', body);
  response.writeHead(status, { 'content-type': 'application/json', etag }).end(JSON.stringify(json));
}

function answerTo(url: string, body: string): [status: number, body: object] {
  if (url.endsWith('/token')) return [200, { access_token: 'a', expires_in: 900 }];
  if (url.endsWith('/servers')) return [201, { serverId: 's', siteId }];
  if (url.endsWith('/configuration'))
    return [200, { server: { heartbeatSeconds: 60 }, site: siteId === undefined ? null : { id: siteId } }];
  if (url.endsWith('/heartbeat')) return [200, { configurationEtag: etag, commandsWaiting: false }];
  if (url.endsWith('/sessions') && siteId === undefined)
    return [409, { code: 'conflict', detail: 'no site' }];
  if (url.endsWith('/sessions') && body.includes('"startedAt":"2020'))
    return [400, { code: 'validation-failed', detail: 'too old' }];
  if (url.endsWith('/sessions')) return [201, { sessionId: 'taken', decision: {} }];
  return [200, { pollCommandsSeconds: 0 }];
}

function newClient(options: Partial<CloudClientOptions> = {}): CloudClient {
  return testClient({
    serviceUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    folder,
    ...options,
    onRejected: (delivery, { message }) => rejected.push({ delivery, message }),
  });
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'cloud-client-'));
  server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  rejected = [];
  siteId = 'site';
  etag = '"1"';
  client = newClient();
  await client.start();
});

afterEach(async () => {
  await client.stop();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

test('CCL-6: what a machine without a site has to deliver is kept until it has one', async () => {
  await client.stop();
  siteId = undefined;
  client = newClient({ needsSite: true });
  const facts = { user: { name: 'EXAMPLE\\dana', groups: [] }, machine: 'm', application: 'a', tags: [] };
  client.startSession({ sessionKey: 'new', startedAt: '2024-03-04T09:00:00.000Z', facts });
  await expect(client.start()).rejects.toThrow('m is registered, but belongs to no site yet');
  expect([client.pending, client.sessions.get('new')]).toEqual([1, undefined]);

  siteId = 'site';
  client = newClient();
  await client.start();
  await client.delivered();
  expect(client.sessions.get('new')?.sessionId).toBe('taken');
});

test('CCL-6: a server that loses its site says so, keeps what it has to deliver, and delivers when it has one', async () => {
  await client.stop();
  const said: boolean[] = [];
  client = newClient({ onWithoutSite: (isWithout) => said.push(isWithout) });
  await client.start();
  siteId = undefined;
  etag = '"2"';
  startSession(client, 'new');
  await eventually(() => said.length === 1);
  expect([client.pending, rejected]).toEqual([1, []]);

  siteId = 'site';
  etag = '"3"';
  await client.heartbeat();
  await client.delivered();
  expect([said, client.sessions.get('new')?.sessionId, rejected]).toEqual([[true, false], 'taken', []]);
});

test('CCL-6: a machine that was never in a site says that it waits for one', async () => {
  await client.stop();
  siteId = undefined;
  const said: boolean[] = [];
  client = newClient({ onWithoutSite: (isWithout) => said.push(isWithout) });
  await client.start();
  await client.heartbeat();
  expect(said).toEqual([true]);
});

async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('CCL-9: each delivery that the service refuses is reported, with the events in it and the reason of its session', async () => {
  const facts = { user: { name: 'EXAMPLE\\dana', groups: [] }, machine: 'm', application: 'a', tags: [] };
  for (const [key, year] of [
    ['old', '2020'],
    ['new', '2024'],
  ] as const) {
    client.startSession({ sessionKey: key, startedAt: `${year}-03-04T09:00:00.000Z`, facts });
    client.addEvents(key, [event(1), event(2)]);
  }
  await client.delivered();
  expect(rejected).toEqual([
    {
      delivery: { kind: 'sessionStart', sessionKey: 'old', events: [] },
      message: '400 validation-failed: too old',
    },
    {
      delivery: { kind: 'events', sessionKey: 'old', events: [event(1), event(2)] },
      message: '400 validation-failed: too old',
    },
  ]);
});
