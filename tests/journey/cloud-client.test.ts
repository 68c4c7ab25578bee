/** The reference client as a process of its own: from a folder to the service through a proxy, and killed in the middle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { FakeService } from '../../scripts/cloud-client/testing/fake-service';
import { SmallProxy } from '../../scripts/cloud-client/testing/small-proxy';
import { eventsFrom, startSession, testClient } from '../../scripts/cloud-client/testing/test-client';
import { mp4 } from '../support/media-files';
import { eventually, startService, type TestService } from '../support/service';

jest.setTimeout(120_000);

const PROGRAM = path.join(repositoryRoot(__dirname), 'dist/scripts/cloud-client.js');
const SHORT_WAITS = ['--hold-seconds', '0', '--grace-seconds', '1'];
const SESSION = { host: 'vda07', user: 'CONTOSO\\ada' };

let folder: string;
let events: string;
let recordings: string;
const running: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cloud-client-process-'));
  events = path.join(folder, 'events');
  recordings = path.join(folder, 'recordings');
  mkdirSync(events);
  mkdirSync(recordings);
});
afterEach(async () => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await sleep(100);
  rmSync(folder, { recursive: true, maxRetries: 5 });
});

interface Started {
  child: ChildProcess;
  output: () => string;
  /** Exit code; null when it was killed. */
  ended: Promise<number | null>;
}

function start(url: string, env: Record<string, string>, ...args: string[]): Started {
  const state = path.join(folder, 'state');
  const options = ['--url', url, '--folder', state, '--events', events, ...args];
  const child = spawn(process.execPath, [PROGRAM, 'run', ...options, ...SHORT_WAITS], {
    env: { ...process.env, CLIENT_ID: 'c', CLIENT_SECRET: 's', ...env },
  });
  running.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => output, ended };
}

function writeEvents(first: number, end: number): void {
  const time = new Date().toISOString();
  const lines = eventsFrom(first, end).map(
    (event) => `${JSON.stringify({ ...event, time, session: SESSION })}\n`,
  );
  appendFileSync(path.join(events, 'log.ndjson'), lines.join(''));
}

const ids = (first: number, end: number) => eventsFrom(first, end).map(({ id }) => id);

describe('against the service', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  }, 60_000);
  afterAll(() => service?.stop());

  async function newSecureClient(): Promise<{ clientId: string; secret: string }> {
    const administrator = await service.as();
    const { body } = await administrator<{ clientId: string; secret: string }>(
      'POST',
      '/api/v1/secureClients',
      {
        body: { name: 'servers' },
      },
    );
    return body;
  }

  it('CCL-7: delivers a folder of events, and a recording while it grows, through a proxy; ends at SIGTERM', async () => {
    const { clientId, secret } = await newSecureClient();
    const proxy = await SmallProxy.start('name:word');
    const authority = path.join(folder, 'ca.pem');
    writeFileSync(authority, await (await fetch(`${service.url}/local/ca.pem`)).text());
    const secretFile = path.join(folder, 'secret');
    writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
    const now = new Date();
    const recording = { file: 'screen.mp4', session: SESSION, startedAt: now.toISOString() };
    const describe = (more: object) => {
      const text = JSON.stringify({ ...recording, ...more });
      writeFileSync(path.join(recordings, 'screen.recording.json'), text);
    };
    // More than one block, of which the first is uploaded before the end is there.
    const content = mp4(Buffer.alloc(5_000_000));
    writeFileSync(path.join(recordings, 'screen.mp4'), content.subarray(0, 4_500_000));
    describe({});
    writeEvents(0, 5);

    const through = proxy.url.replace('//', '//name:word@');
    const client = start(
      service.url,
      { CLIENT_ID: '', CLIENT_SECRET: '', NODE_EXTRA_CA_CERTS: authority },
      ...['--client-id', clientId, '--secret-file', secretFile, '--proxy', through],
      ...['--recordings', recordings, '--database', 'sql/Recordings', '--host-name', 'REC01'],
    );
    await eventually('the first block is uploaded', async () =>
      proxy.seen.some((line) => line.startsWith('CONNECT ')) ? true : undefined,
    ).catch((error: unknown) => {
      throw new Error(client.output(), { cause: error });
    });
    writeFileSync(path.join(recordings, 'screen.mp4'), content);
    describe({ endedAt: new Date().toISOString() });
    writeEvents(5, 8);
    await eventually('the recording is marked', async () =>
      readdirSync(recordings).includes('screen.recording.delivered.json') ? true : undefined,
    );
    client.child.kill('SIGTERM');
    expect(await client.ended).toBe(0);
    expect(client.output()).toMatch(/registered as server [\da-f-]{36}/);
    expect(proxy.seen).toContainEqual(expect.stringMatching(/^POST http:.*\/events$/));
    proxy.stop();

    const administrator = await service.as();
    await eventually('the recording is complete', async () => {
      const { body } = await administrator<{ value: { state: string }[] }>('GET', '/api/v1/recordings');
      return body.value.some(({ state }) => state === 'complete') ? true : undefined;
    });
  });

  it('CCL-5: a server whose clock is ten minutes ahead delivers sessions, events and a recording at their real times', async () => {
    const { clientId, secret: clientSecret } = await newSecureClient();
    const aheadMs = 600_000;
    const now = () => Date.now() + aheadMs;
    const refused: string[] = [];
    const client = testClient({
      serviceUrl: service.url,
      credentials: { clientId, clientSecret },
      folder: path.join(folder, 'state'),
      machine: {
        machineId: 'ahead',
        hostName: 'AHEAD',
        operatingSystem: 'Windows',
        timeZone: 'UTC',
        clientVersion: '7.42.15010.4',
        serverVersion: '24.2.0.11',
        database: { instance: 'sql', name: 'Ahead' },
      },
      now,
      onRejected: (_, reason) => refused.push(reason.message),
    });
    await client.start();
    try {
      const at = new Date(now()).toISOString();
      const facts = {
        user: { name: 'CONTOSO\\ada', groups: [] },
        machine: 'AHEAD',
        application: 'a',
        tags: [],
      };
      client.startSession({ sessionKey: 'a', startedAt: at, facts });
      client.addEvents(
        'a',
        eventsFrom(0, 3).map((event) => ({ ...event, time: at })),
      );
      client.endSession('a', at);
      await client.delivered();
      expect(refused).toEqual([]);
      const started = client.sessions.get('a') as { startedAt?: string } | undefined;
      expect(Math.abs(Date.parse(started?.startedAt ?? '') - Date.now())).toBeLessThan(30_000);
      expect(client.connection.clock.offsetMilliseconds).toBeGreaterThan(-aheadMs - 5_000);
      expect(client.connection.clock.offsetMilliseconds).toBeLessThan(-aheadMs + 5_000);
    } finally {
      await client.stop();
    }
  });
});

describe('against a service that goes away', () => {
  let service: FakeService;
  beforeEach(async () => {
    service = await FakeService.start();
  });
  afterEach(() => {
    service.stop();
  });

  it('CCL-6: killed again and again in the middle, it delivers every event once and in order', async () => {
    const total = 60;
    // Killed while a delivery is answered, so that the answer is lost with the process: the first one, then a later one.
    for (const deliveries of [1, 2]) {
      writeEvents((deliveries - 1) * 20, deliveries * 20);
      const { child, ended } = start(service.url, {});
      let left = deliveries;
      service.answer = ({ path: asked }) => {
        if (asked === '/events' && (left -= 1) === 0) child.kill('SIGKILL');
        return undefined;
      };
      expect(await ended).toBeNull();
    }
    service.answer = () => undefined;
    writeEvents(40, total);
    const { child, ended, output } = start(service.url, {});
    await eventually('it has registered', async () => (output().includes('registered') ? true : undefined));
    await eventually('everything is delivered', async () =>
      new Set(service.delivered).has(ids(total - 1, total)[0] ?? '') ? true : undefined,
    );
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(service.requests.filter((request) => request.path === '/events').length).toBeGreaterThan(3);

    // A batch whose answer was lost came again under its id, with the same events.
    const batches = new Map<string, string>();
    for (const { path: asked, body } of service.requests.filter((request) => request.path === '/events')) {
      const content = JSON.stringify(body['events']);
      const batchId = String(body['batchId']);
      expect([asked, batches.get(batchId) ?? content]).toEqual(['/events', content]);
      batches.set(batchId, content);
    }
    const delivered = [...batches.values()].flatMap((text) => JSON.parse(text) as { id: string }[]);
    expect(delivered.map(({ id }) => id)).toEqual(ids(0, total));
  });

  it('CCL-6: says at SIGTERM what is kept on disk, and the next start delivers it', async () => {
    writeEvents(0, 3);
    const first = start(service.url, {});
    await eventually('it has registered', async () =>
      first.output().includes('registered') ? true : undefined,
    );
    await eventually('the first events are delivered', async () =>
      service.delivered.includes(ids(2, 3)[0] ?? '') ? true : undefined,
    );
    service.isAway = () => true;
    writeEvents(3, 6);
    await eventually('the others are spooled', async () =>
      readdirSync(path.join(folder, 'state/spool')).some((name) => name.endsWith('.json')) ? true : undefined,
    );
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(3);
    expect(first.output()).toMatch(/\d+ deliveries are kept in .*state; the next start sends them/);
    service.isAway = () => false;
    const second = start(service.url, {});
    await eventually('everything is delivered', async () =>
      service.delivered.includes(ids(5, 6)[0] ?? '') ? true : undefined,
    );
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(service.delivered.filter((what) => what.startsWith('0b8f'))).toEqual(ids(0, 6));
  });

  it('CCL-6: a revoked client ends with exit code 4, says what to do, and keeps its spool', async () => {
    const client = testClient({ serviceUrl: service.url, folder: path.join(folder, 'state') });
    startSession(client, 'a');
    client.addEvents('a', eventsFrom(0, 3));
    service.answer = ({ path: asked }) => {
      service.isRevoked = asked === '/events';
      return service.isRevoked ? [401, { code: 'unauthenticated', detail: 'revoked' }] : undefined;
    };
    const { ended, output } = start(service.url, {});
    expect(await ended).toBe(4);
    expect(output()).toMatch(/revoked, .* get a new secret from an administrator/);
    expect(output()).toMatch(/1 deliveries are kept/);
  });
});
