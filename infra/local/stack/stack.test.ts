import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventGridPublisherClient } from '@azure/eventgrid';
import { type ClientSecretCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { identitiesOf, type IdentityName } from '../access/identities';
import { credentialFor } from '../azure/test-azure';
import { faultClient } from '../azure/test-fault-client';
import { commandLine } from './command-line';
import { freeBasePort, isFree } from './ports';
import { startStack, type Stack } from './stack';
import { makeTestRoot } from './test-root';

// Whole processes start and end here, which a busy machine does slowly.
jest.setTimeout(60_000);

let root: string;
let removeRoot: () => void;
beforeAll(async () => {
  ({ root, remove: removeRoot } = await makeTestRoot('stack'));
});
afterAll(() => removeRoot());

const alive = (pid: number | undefined): boolean => pid !== undefined && commandLine(pid) !== undefined;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200 && !(await condition()); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function credentialOf({ env }: Stack, identity: IdentityName = 'app'): ClientSecretCredential {
  const { AZURE_TENANT_ID = '', AZURE_CLIENT_ID = '', AZURE_CLIENT_SECRET = '' } = env;
  const app = { tenantId: AZURE_TENANT_ID, clientId: AZURE_CLIENT_ID, clientSecret: AZURE_CLIENT_SECRET };
  return credentialFor(env.AZURE_AUTHORITY_HOST ?? '', identitiesOf(app)[identity]);
}

function hostPid({ pids }: Stack): number {
  const pid = pids['functions-host'];
  if (pid === undefined) {
    throw new Error('The host does not run.');
  }
  return pid;
}

async function answersAt(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

describe('LOC-1: a temporary stack', () => {
  let stack: Stack;
  const lines: string[] = [];
  let provisioned: { env: Record<string, string>; hostWasUp: boolean } | undefined;
  beforeAll(async () => {
    const basePort = await freeBasePort();
    stack = await startStack({
      root,
      basePort,
      ephemeral: true,
      supervise: true,
      log: (line) => lines.push(line),
      env: { EXTRA: 'given' },
      provision: async (env) => {
        provisioned = { env, hostWasUp: !(await isFree(basePort)) };
      },
    });
  });
  afterAll(() => stack.stop());

  it('runs four processes, and gives the app its environment', async () => {
    expect(Object.keys(stack.pids).sort()).toEqual(['azure', 'azurite', 'cosmos', 'functions-host']);
    const response = await fetch(`${stack.url}/api/health`);
    expect(await response.json()).toEqual({ url: stack.url, extra: 'given' });
  });

  it('provisions with that environment before the host starts', () => {
    expect(provisioned).toEqual({ env: stack.env, hostWasUp: false });
  });

  it('has blobs and queues that take tokens of the login stand-in', async () => {
    const credential = credentialOf(stack, 'deployment');
    const blobs = new BlobServiceClient(stack.env.STORAGE_BLOB_ENDPOINT ?? '', credential);
    const container = blobs.getContainerClient('recordings');
    await container.create();
    await blobs.getContainerClient('dead-letters').create();
    await container.getBlockBlobClient('b').upload('text', 4);
    const queues = new QueueServiceClient(stack.env.STORAGE_QUEUE_ENDPOINT ?? '', credential);
    const queue = queues.getQueueClient('responses');
    await queue.create();
    await queue.sendMessage('work');
    expect((await container.getBlobClient('b').downloadToBuffer()).toString()).toBe('text');
    expect((await queue.receiveMessages()).receivedMessageItems).toMatchObject([{ messageText: 'work' }]);
  });

  it('has a fault of storage injected in front of Azurite, which goes on behind', async () => {
    const faults = faultClient(stack.env.AZURE_AUTHORITY_HOST ?? '');
    await faults.inject({ standIn: 'blob', path: '/recordings/b', effect: { do: 'refuse', status: 500 } });
    const options = { retryOptions: { maxTries: 1 } };
    const blobs = new BlobServiceClient(stack.env.STORAGE_BLOB_ENDPOINT ?? '', credentialOf(stack), options);
    const blob = blobs.getContainerClient('recordings').getBlobClient('b');
    await expect(blob.getProperties()).rejects.toMatchObject({ statusCode: 500 });
    expect((await blob.getProperties()).contentLength).toBe(4);
    expect(await isFree(stack.ports.azuriteBlob)).toBe(false);
  });

  it('writes an event that the host refuses into the container for dead letters', async () => {
    const credential = credentialOf(stack);
    const topic = new EventGridPublisherClient(
      stack.env.EVENT_GRID_TOPIC_ENDPOINT ?? '',
      'CloudEvent',
      credential,
    );
    await topic.send([{ id: 'refused', source: '/s', type: 'T', data: { kept: true } }]);
    const blobs = new BlobServiceClient(stack.env.STORAGE_BLOB_ENDPOINT ?? '', credential);
    const container = blobs.getContainerClient('dead-letters');
    const names = async (): Promise<string[]> => {
      const listed: string[] = [];
      for await (const blob of container.listBlobsFlat()) {
        listed.push(blob.name);
      }
      return listed;
    };
    await until(async () => (await container.exists()) && (await names()).length > 0);
    const [name = ''] = await names();
    expect(name).toMatch(/^SESSION-EVENTS\/RESPOND\/\d{4}\/\d+\/\d+\/\d+\/.*\.json$/);
    const letters = JSON.parse(
      (await container.getBlobClient(name).downloadToBuffer()).toString(),
    ) as unknown;
    expect(letters).toMatchObject([
      { id: 'refused', data: { kept: true }, deadletterreason: 'UndeliverableDueToHttpBadRequest' },
    ]);
  });

  it('loses only the host when the host is killed, and can start it again', async () => {
    const before = stack.pids;
    await stack.killHost();
    expect(stack.pids).toEqual({ azure: before.azure, azurite: before.azurite, cosmos: before.cosmos });
    expect(await answersAt(stack.url)).toBe(false);
    await stack.startHost();
    expect(stack.pids).toMatchObject({ azure: before.azure, azurite: before.azurite, cosmos: before.cosmos });
    expect(await answersAt(stack.url)).toBe(true);
  });

  it('runs a second instance of the app beside the first, each of which can be killed alone', async () => {
    await stack.startSecondHost();
    expect(Object.keys(stack.pids)).toContain('functions-host-2');
    expect([await answersAt(stack.url), await answersAt(stack.secondUrl)]).toEqual([true, true]);
    await stack.killSecondHost();
    expect([await answersAt(stack.url), await answersAt(stack.secondUrl)]).toEqual([true, false]);
    await stack.startSecondHost();
    await stack.killHost();
    expect([await answersAt(stack.url), await answersAt(stack.secondUrl)]).toEqual([false, true]);
    await stack.startHost();
  });

  it('restarts a host that was killed from outside, when supervision is on', async () => {
    const killed = hostPid(stack);
    process.kill(killed, 'SIGKILL');
    await until(async () => stack.pids['functions-host'] !== killed && (await answersAt(stack.url)));
    await until(() => lines.length === 2);
    expect(lines).toEqual([
      expect.stringMatching(/^functions-host ended unexpectedly \(.*\.log\); it starts again in 250 ms\.$/),
      'functions-host runs again.',
    ]);
  });

  it.each(['azurite', 'cosmos', 'azure'])('restarts %s, too, and says so', async (name) => {
    lines.length = 0;
    const killed = stack.pids[name] ?? 0;
    process.kill(killed, 'SIGKILL');
    await until(() => lines.length === 2);
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^${name} ended unexpectedly`)),
      `${name} runs again.`,
    ]);
    expect(alive(killed)).toBe(false);
    expect(alive(stack.pids[name])).toBe(true);
  });

  it('leaves nothing behind when it stops', async () => {
    const pids = Object.values(stack.pids);
    await stack.stop();
    expect(pids.filter(alive)).toEqual([]);
    expect(existsSync(stack.dataDir)).toBe(false);
  });
});

describe('a stack that cannot start', () => {
  let dataDir: string;
  let basePort: number;
  beforeEach(async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'stack-test-'));
    basePort = await freeBasePort();
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('says which port is taken, and leaves nothing running', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(basePort, '127.0.0.1', () => resolve()));
    try {
      await expect(startStack({ root, dataDir, basePort })).rejects.toThrow(
        `Port ${basePort}, where functions-host should listen, is in use`,
      );
      expect(await isFree(basePort + 5)).toBe(true);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('shows the end of the log of a process that does not start, and has ended the others', async () => {
    const bundle = path.join(root, 'dist/local/cosmos.js');
    const working = readFileSync(bundle);
    writeFileSync(bundle, 'throw new Error("no gateway today");');
    try {
      await expect(startStack({ root, dataDir, basePort })).rejects.toThrow(
        /cosmos ended before it was ready.*no gateway today/s,
      );
      expect(await isFree(basePort + 2)).toBe(true);
    } finally {
      writeFileSync(bundle, working);
    }
  });
});
