import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '../../infra/local/stack/repository-root';

// Whole processes start here, which a busy machine does slowly.
jest.setTimeout(60_000);

const SCRIPTS = path.join(repositoryRoot(), 'dist/scripts');
const commands = readdirSync(SCRIPTS).filter((name) => name.endsWith('.js'));

/** Runs a built command that ends by itself. */
function run(file: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [path.join(SCRIPTS, file), ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, lines: stderr.trimEnd().split('\n') };
}

const oneLine = (text: string) => ({ status: 2, stdout: '', lines: [expect.stringContaining(text)] });

it.each(commands)('the command %s refuses an unknown option in one line', (file) => {
  expect(run(file, ['--nonsense'])).toEqual(oneLine("Unknown option '--nonsense'. (npm "));
});

it.each(['SIGINT', 'SIGTERM'] as const)(
  'a build ends at %s with one line, and leaves nothing',
  async (signal) => {
    const root = repositoryRoot();
    const build = spawn(process.execPath, [path.join(root, 'scripts/run.mjs'), 'start'], {
      cwd: root,
      // As a terminal does it, the signal goes to all of the group.
      detached: true,
    });
    let errors = '';
    build.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const folders = () => readdirSync(root).filter((name) => name.startsWith('dist.new-'));
    const before = folders();
    while (folders().every((name) => before.includes(name)))
      await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(-(build.pid ?? 0), signal);
    const [code] = (await once(build, 'close')) as [number];
    expect({ code, errors }).toEqual({
      code: 128 + constants.signals[signal],
      errors: '\nInterrupted: nothing was built.\n',
    });
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  },
);

it.each([
  [
    'soak.js',
    ['--count', '-1'],
    '--count needs a value, and “-1” looks like an option: write --count=-1 if it is the value.',
  ],
  ['soak.js', ['--count=-1'], '--count must be a whole number; it is “-1”.'],
  ['soak.js', ['--count', 'many'], '--count must be a whole number; it is “many”.'],
  ['soak.js', ['--seed'], "Option '--seed <value>' argument missing."],
  ['bench.js', ['--seed', '-7'], '--seed needs a value'],
  [
    'dev.js',
    ['--inspect-port', '70000'],
    '--inspect-port must be a whole number up to 65535; it is “70000”.',
  ],
  ['start.js', ['--ephemeral=yes'], "Option '--ephemeral' does not take an argument."],
  ['start.js', ['x'], "Unexpected argument 'x'."],
  ['token.js', ['--role', '--user'], '--role needs a value, and “--user” looks like an option'],
])('the command %s refuses %j in one line', (file, args, text) => {
  expect(run(file, args)).toEqual(oneLine(text));
});

it.each(['start.js', 'dev.js', 'packages.js', 'replay-dead-letters.js', 'token.js'])(
  'the command %s quotes a PORT that is none',
  (file) => {
    for (const port of ['abc', '80', '7071x', '-1', '65530', '1e4'])
      expect(run(file, [], { PORT: port })).toEqual(
        oneLine(`PORT must be a number from 1024 to 65522; it is “${port}”.`),
      );
  },
);
