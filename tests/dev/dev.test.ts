/** `npm run dev` as a developer meets it: a repository with a tiny app, edited while it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { freeBasePort } from '../../infra/local/stack/ports';
import { eventually } from '../support/service';

const REPOSITORY = repositoryRoot(__dirname);
const root = path.join(REPOSITORY, 'node_modules/.cache', `dev-${process.pid}`);
const source = path.join(root, 'functions/app.ts');

let url: string;
let dev: ChildProcess;
let output = '';
let errors = '';

/** An app that answers everything with this text. */
const appThatSays = (text: string) => `
import { app } from '@azure/functions';
export const said = ${JSON.stringify(text)};
app.http('say', {
  methods: ['GET'], authLevel: 'anonymous', route: '{*path}',
  handler: async () => ({ body: ${JSON.stringify(text)} }),
});
`;
/** Describes the app as its source is now. */
const description = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { said } from './app';
mkdirSync(__dirname + '/docs', { recursive: true });
writeFileSync(__dirname + '/docs/openapi.json', said);
`;
const described = () => readFileSync(path.join(root, 'dist.dev/docs/openapi.json'), 'utf8');

beforeAll(async () => {
  const port = await freeBasePort();
  url = `http://127.0.0.1:${port}`;
  for (const folder of ['functions', 'shared', 'arm-templates', 'dist/scripts'])
    mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, 'package.json'), '{}');
  writeFileSync(source, appThatSays('one'));
  for (const thread of ['operation-thread', 'policy-thread'])
    writeFileSync(path.join(root, `functions/${thread}.ts`), '');
  writeFileSync(path.join(root, 'functions/write-api-documents.ts'), description);
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(root, 'node_modules'));
  cpSync(path.join(REPOSITORY, 'host.json'), path.join(root, 'host.json'));
  cpSync(path.join(REPOSITORY, 'dist/local'), path.join(root, 'dist/local'), { recursive: true });
  cpSync(path.join(REPOSITORY, 'dist/scripts/dev.js'), path.join(root, 'dist/scripts/dev.js'));
  dev = spawn(process.execPath, [path.join(root, 'dist/scripts/dev.js')], {
    env: { ...process.env, PORT: String(port) },
  });
  dev.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  dev.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await outputHas(new RegExp(`^ready ${url}`, 'm'));
});

afterAll(async () => {
  if (dev.exitCode === null) {
    const closed = once(dev, 'close');
    dev.kill('SIGINT');
    await closed;
  }
  rmSync(root, { recursive: true, force: true });
});

/** Waits for a line of the command's output, and forgets what came before. */
async function outputHas(pattern: RegExp): Promise<string> {
  const found = await eventually(`${pattern} in the output`, async () => {
    if (dev.exitCode !== null) throw new Error(`npm run dev has ended: ${errors}`);
    return pattern.exec(output + errors)?.[0];
  });
  output = '';
  errors = '';
  return found;
}

const said = async () => (await fetch(`${url}/api/anything`)).text();

function pidOf(name: string): number {
  const record = readFileSync(path.join(root, '.local/run', `${name}.json`), 'utf8');
  return (JSON.parse(record) as { pid: number }).pid;
}

/** As editors do it: a new file takes the place of the old one. */
function replaceSource(text: string): void {
  writeFileSync(`${source}.tmp`, text);
  renameSync(`${source}.tmp`, source);
}

it('answers with what was saved, describes it, measures it, and lets the stand-ins go on', async () => {
  expect([await said(), described()]).toEqual(['one', 'one']);
  const standIns = ['azurite', 'cosmos', 'azure'].map(pidOf);
  const host = pidOf('functions-host');

  replaceSource(appThatSays('two'));
  const line = await outputHas(/^ready .* was saved .*$/m);
  expect([await said(), described()]).toEqual(['two', 'two']);
  expect(line).toMatch(
    /^ready \d+\.\d s after functions\/app\.ts was saved \(build \d+\.\d s, restart \d+\.\d s\)$/,
  );
  expect(['azurite', 'cosmos', 'azure'].map(pidOf)).toEqual(standIns);
  expect(pidOf('functions-host')).not.toBe(host);
});

it('shows a compile error while the app goes on as it was', async () => {
  const host = pidOf('functions-host');
  const before = await said();
  writeFileSync(source, 'const broken = ;');
  await outputHas(/Unexpected ";"(.*\n)*.*the app goes on as it was/);
  expect(await said()).toBe(before);
  expect(pidOf('functions-host')).toBe(host);

  writeFileSync(path.join(root, 'shared/text.ts'), "export const text = 'three';");
  writeFileSync(source, `import { text } from '../shared/text';${appThatSays('').replaceAll('""', 'text')}`);
  await outputHas(/^ready .* was saved/m);
  expect(await said()).toBe('three');
});

it('starts again after a change that made the app fail', async () => {
  writeFileSync(source, "throw new Error('nothing works');");
  await outputHas(/nothing works(.*\n)*The app does not start: save a change to try again/);
  writeFileSync(source, appThatSays('four'));
  await outputHas(/^ready .* was saved/m);
  expect(await said()).toBe('four');
});

it('says what it stops at Ctrl-C, and stops it', async () => {
  const closed = once(dev, 'close');
  dev.kill('SIGINT');
  await closed;
  expect(errors).toBe('\nStopping the service and everything that it runs on…\nStopped.\n');
  await expect(said()).rejects.toThrow('fetch failed');
});
