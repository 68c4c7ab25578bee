/** The gateway as a separate process: https, and nothing lost when it is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import path from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import { buildSync } from 'esbuild';
import { type Certificates, ensureCertificates } from '../stack/certificates';

const root = path.resolve(__dirname, '../../..');
const masterKey = Buffer.from('the account key').toString('base64');
const running = new Set<ChildProcess>();

let folder: string;
let script: string;
let certificates: Certificates;

beforeAll(async () => {
  // Below node_modules, where the bundle finds the packages that are left out of it.
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(path.join(cache, 'cosmos-'));
  script = path.join(folder, 'cosmos.js');
  buildSync({
    entryPoints: [path.join(__dirname, 'main.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    external: ['libsql'],
  });
  certificates = await ensureCertificates(folder);
});

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function start(environment: NodeJS.ProcessEnv = {}) {
  const { certFile, keyFile } = certificates;
  const data = path.join(folder, 'data.sqlite');
  const args = [
    '--port',
    '0',
    '--data',
    data,
    '--cert',
    certFile,
    '--key',
    keyFile,
    '--master-key',
    masterKey,
  ];
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, ...environment },
  });
  running.add(child);
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const url = await new Promise<string | undefined>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => resolve(/^ready (\S+)\n$/.exec(chunk.toString())?.[1]));
    void ended.then(() => resolve(undefined));
  });
  return { child, ended, url, errors: () => errors.join('') };
}

function connect(endpoint: string | undefined) {
  const ca = readFileSync(certificates.caFile);
  // Without discovery the SDK does not keep retrying an account that has stopped.
  const connectionPolicy = { enableEndpointDiscovery: false };
  return new CosmosClient({
    endpoint: endpoint ?? '',
    key: masterKey,
    agent: new Agent({ ca }),
    connectionPolicy,
  });
}

it('keeps every acknowledged document when it is killed in the middle of writes', async () => {
  const first = await start();
  expect(first.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const client = connect(first.url);
  const { database } = await client.databases.create({ id: 'db' });
  const { container } = await database.containers.create({ id: 'c', partitionKey: '/pk' });
  const answered: string[] = [];
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let n = 0; ; n++) {
      const id = `${writer}-${n}`;
      const { statusCode } = await container.items.create({ id, pk: 'p' });
      if (statusCode === 201 && answered.push(id) === 100) first.child.kill('SIGKILL');
    }
  });
  const abort = setTimeout(() => first.child.kill('SIGKILL'), 10_000);
  await first.ended;
  client.dispose();
  clearTimeout(abort);
  void Promise.allSettled(writers);
  expect(answered.length).toBeGreaterThanOrEqual(100);

  const second = await start();
  const again = connect(second.url);
  const query = again
    .database('db')
    .container('c')
    .items.query<string>('SELECT VALUE c.id FROM c', { partitionKey: 'p' });
  expect((await query.fetchAll()).resources).toEqual(expect.arrayContaining(answered));
  again.dispose();
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
}, 30_000);

it('ends with a message instead of starting inside Azure', async () => {
  const { ended, errors } = await start({ WEBSITE_INSTANCE_ID: '1' });
  expect(await ended).toBe(1);
  expect(errors()).toContain('inside Azure');
});
