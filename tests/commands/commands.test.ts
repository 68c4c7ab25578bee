/** How the commands of package.json behave before they do anything: help, wrong calls, Ctrl-C, a Node that is too old. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import packageJson from '../../package.json';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { freeBasePort } from '../../infra/local/stack/ports';

const ROOT = repositoryRoot(__dirname);
const COMMANDS = readdirSync(path.join(ROOT, 'dist/scripts'))
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.replace(/\.js$/, ''));

interface Ended {
  code: number;
  output: string;
  errors: string;
}

/** Runs Node with these arguments in the repository. */
function node(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: ROOT, env: { ...process.env, ...env } },
      (error, output, errors) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output, errors });
      },
    );
  });
}

const command = (name: string, ...args: string[]) =>
  node([path.join(ROOT, `dist/scripts/${name}.js`), ...args]);

const oneLine = (pattern: string) => expect.stringMatching(new RegExp(`^${pattern}\n$`)) as string;

it('covers every command that package.json has', () => {
  const called = Object.values(packageJson.scripts).flatMap(
    (script) =>
      /run\.mjs ([\w-]+)$|dist\/scripts\/([\w-]+)\.js$/.exec(script)?.slice(1).filter(Boolean) ?? [],
  );
  expect(called.toSorted()).toEqual(COMMANDS.toSorted());
});

describe.each(COMMANDS)('%s', (name) => {
  it('says with --help what it does, its options and examples', async () => {
    const { code, output, errors } = await command(name, '--help');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^[A-Z].{30,}/);
    expect(output).toMatch(/\nOptions:\n(.*\n)* {2}-h, --help /);
    expect(output).toMatch(new RegExp(`\nExamples:\n {2}npm (run )?(-s )?${name}( |$)`));
  });

  it('refuses an unknown option in one line with exit code 2', async () => {
    expect(await command(name, '--surprise')).toEqual({
      code: 2,
      output: '',
      errors: oneLine("Unknown option '--surprise'\\. \\(npm .* -- --help\\)"),
    });
  });
});

it('demo says in one line that nothing answers at --url', async () => {
  const url = `http://127.0.0.1:${await freeBasePort()}`;
  expect(await command('demo', '--url', url)).toEqual({
    code: 1,
    output: '',
    errors: oneLine(`Nothing answers at ${url}: .*`),
  });
});

it('cloud-client says in one line that nothing answers at --url, and that credentials are missing', async () => {
  const url = `http://127.0.0.1:${await freeBasePort()}`;
  const log = path.join(__dirname, 'fixtures/log-of-two-years.ndjson');
  const args = [path.join(ROOT, 'dist/scripts/cloud-client.js'), '--url', url, '--events', log];
  expect(await node(args, { CLIENT_ID: 'c', CLIENT_SECRET: 's' })).toEqual({
    code: 1,
    output: '',
    errors: oneLine(`Nothing answers at ${url}: .*`),
  });
  expect(await node(args, { CLIENT_ID: '' })).toEqual({
    code: 2,
    output: '',
    errors: oneLine('CLIENT_ID and CLIENT_SECRET must hold .*'),
  });
});

it('demo says what it stops at Ctrl-C, and leaves nothing behind', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'interrupted-demo-'));
  const child = spawn(process.execPath, [path.join(ROOT, 'dist/scripts/demo.js')], {
    env: { ...process.env, TMPDIR: folder },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await once(child.stdout, 'data');
  const closed = once(child, 'close');
  child.kill('SIGINT');
  expect(await closed).toEqual([130, null]);
  expect(errors).toMatch(/^\nInterrupted: what the demo started is stopped/);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

describe.each([
  ['npm run build', 'scripts/build.mjs'],
  ['npm run structure', 'scripts/structure.mjs'],
])('%s', (name, script) => {
  it('says with --help what it does, its options and examples', async () => {
    const { code, output, errors } = await node([script, '--help']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(
      /^[A-Z].{30,}(.*\n)*Options:\n(.*\n)* {2}-h, --help (.*\n)*Examples:\n {2}npm run /,
    );
  });

  it('refuses an unknown option in one line with exit code 2', async () => {
    expect(await node([script, '--surprise'])).toEqual({
      code: 2,
      output: '',
      errors: oneLine(`Unknown option '--surprise'\\. \\(${name} -- --help\\)`),
    });
  });
});

describe('npm run check', () => {
  const check = (...args: string[]) => node(['scripts/check.mjs', ...args]);

  it('says with --help what it does, its options and examples', async () => {
    const { code, output } = await check('--help');
    expect(code).toBe(0);
    expect(output).toMatch(/^Checks types, .*(.*\n)*Options:(.*\n)*Examples:/);
  });

  it.each([
    [['--surprise'], "Unknown option '--surprise'\\..*"],
    [['spelling'], 'There is no step “spelling”: choose of lint, format, types, imports, unused\\..*'],
    [['types', 'shared'], 'types looks at everything: it takes no path\\..*'],
  ])('refuses %j in one line with exit code 2', async (args, message) => {
    expect(await check(...args)).toEqual({ code: 2, output: '', errors: oneLine(message) });
  });

  it('looks only at the path that a step is given, and says which step took how long', async () => {
    const { code, output } = await check('format', 'knip.json');
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringMatching(/^ {2}… format\n {2}✓ format {3}\d+\.\d s\n$/) as string,
    });
  });

  it('ends with exit code 1, what the tool said, and which step failed', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'unformatted-'));
    writeFileSync(path.join(folder, 'a.json'), '{"a" :1}');
    const { code, errors } = await check('format', '--no-cache', path.join(folder, 'a.json'));
    rmSync(folder, { recursive: true });
    expect(code).toBe(1);
    expect(errors).toMatch(/a\.json(.*\n)*Failed: format\.\n$/);
  });
});

describe('a Node that is too old', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'old-node-'));
    writeFileSync(
      path.join(folder, 'old.cjs'),
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: process.env.AS_NODE } });",
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A program that no Node can parse: the check must come before it. */
  async function startAs(version: string): Promise<Ended> {
    const program = path.join(folder, 'program.cjs');
    writeFileSync(program, 'this is no JavaScript');
    const check = path.join(ROOT, 'scripts/check-node.cjs');
    return node(['-r', path.join(folder, 'old.cjs'), '-r', check, program], { AS_NODE: version });
  }

  it.each(['0.12.18', '8.17.0', '18.20.4', '20.18.3'])('%s is named in one line', async (version) => {
    expect(await startAs(version)).toEqual({
      code: 1,
      output: '',
      errors: oneLine(
        `Node 20\\.19 or later is needed; this is Node ${version.replaceAll('.', '\\.')} \\(.*\\)\\.`,
      ),
    });
  });

  it.each(['20.19.0', '22.0.0', '100.1.0'])('%s is not', async (version) => {
    expect((await startAs(version)).errors).toContain('SyntaxError');
  });

  it('is looked for by every script that starts Node', () => {
    const unchecked = Object.entries(packageJson.scripts).filter(
      ([, script]) => /\bnode\b/.test(script) && !script.startsWith('node -r ./scripts/check-node.cjs '),
    );
    expect(unchecked).toEqual([]);
  });
});

it('npm run test:unit -- PATH runs only the tests of that path', async () => {
  const [, ...args] = packageJson.scripts['test:unit'].split(' ');
  const { output } = await node([...args, '--listTests', 'scripts/bench/statistics']);
  const listed = output.split('\n').filter((line) => line.endsWith('.test.ts'));
  expect(listed).toEqual([path.join(ROOT, 'scripts/bench/statistics.test.ts')]);
}, 60_000);
