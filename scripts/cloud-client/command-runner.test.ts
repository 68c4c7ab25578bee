/** Commands: each id once, across restarts, in lanes that do not wait for each other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CloudClient, CloudClientOptions } from './cloud-client';
import type { Command } from './command-runner';
import { FakeService } from './testing/fake-service';
import { IDLE_HOST, testClient } from './testing/test-client';

let folder: string;
let service: FakeService;
let client: CloudClient;
let waiting: Command[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'command-runner-'));
  service = await FakeService.start();
  waiting = [];
  service.answer = ({ path: asked }) => {
    if (asked.endsWith('/heartbeat')) return [200, { configurationEtag: '"1"', commandsWaiting: true }];
    return asked.endsWith('/commands') ? [200, { value: waiting.splice(0) }] : undefined;
  };
});
afterEach(async () => {
  await client.stop().catch(() => undefined);
  service.stop();
  rmSync(folder, { recursive: true });
});

const command = (id: string, kind: string, seconds = 60): Command => ({
  id,
  kind,
  parameters: {},
  expiresAt: new Date(Date.now() + seconds * 1000).toISOString(),
});

async function start(options: Partial<CloudClientOptions> = {}): Promise<void> {
  client = testClient({ serviceUrl: service.url, folder, ...options });
  await client.start();
}

/** Stops it, and lets its last poll arrive, which must not take what is meant for the next one. */
async function stopped(): Promise<void> {
  await client.stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
}

/** What was reported so far: command, status. */
const reports = () =>
  service.requests
    .filter(({ path: asked }) => asked.endsWith('/result'))
    .map(({ path: asked, body }) => `${asked.split('/')[4] ?? ''} ${String(body['status'])}`);

async function reported(count: number): Promise<string[]> {
  while (reports().length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  return reports();
}

const diagnostics = { kind: 'diagnostics' as const, checks: [] };

it('CCL-4: a long command on the machine reports its steps and does not delay one on a session', async () => {
  let finish = (): void => undefined;
  waiting = [command('long', 'diagnostics'), command('lock', 'lockSession')];
  await start({
    executeOnMachine: async (_, report) => {
      await report('Looking …');
      await new Promise<void>((resolve) => (finish = resolve));
      return diagnostics;
    },
  });
  expect((await reported(2)).toSorted()).toEqual(['lock succeeded', 'long running']);
  finish();
  expect(await reported(3)).toContain('long succeeded');
});

it('CCL-4: a kind that this machine does not know fails with the reason', async () => {
  waiting = [command('coffee', 'makeCoffee')];
  await start();
  expect(await reported(1)).toEqual(['coffee failed']);
});

it('CCL-4: a command that was interrupted goes on after the restart, also when it has expired meanwhile', async () => {
  const begun: string[] = [];
  const never = new Promise<never>(() => undefined);
  waiting = [command('slow', 'diagnostics', 1)];
  await start({
    executeOnMachine: ({ id }) => {
      begun.push(id);
      return never;
    },
  });
  while (begun.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await stopped();

  waiting = [command('slow', 'diagnostics', -60), command('late', 'diagnostics', -60)];
  await start({
    executeOnMachine: ({ id }) => {
      begun.push(id);
      return Promise.resolve(diagnostics);
    },
  });
  expect(await reported(2)).toEqual(['slow succeeded', 'late failed']);
  expect(begun).toEqual(['slow', 'slow']);
});

it('CCL-4: a command that is delivered again, also after a restart, is answered and not executed again', async () => {
  const executed: string[] = [];
  const host = {
    ...IDLE_HOST,
    lockSession: ({ id }: Command) => {
      executed.push(id);
      return Promise.resolve();
    },
  };
  waiting = [command('lock', 'lockSession')];
  await start({ host });
  await reported(1);
  await stopped();
  waiting = [command('lock', 'lockSession')];
  await start({ host });
  expect(await reported(2)).toEqual(['lock succeeded', 'lock succeeded']);
  expect(executed).toEqual(['lock']);
});
