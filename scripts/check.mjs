/** `npm run check`: what can be said of the code without running it, two steps at a time, each with its time. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '..');
/** Of eslint, prettier and dependency-cruiser; tsc's and knip's lie there too. `npm ci` removes it. */
const CACHE = 'node_modules/.cache';
const AT_ONCE = 2;

const HELP = `Checks types, lint, format, import rules and unused code. What has not changed is taken from caches in ${CACHE}.
eslint's cache knows a file by its own content, while some rules look at the types of others: npm test does without it.

Usage:
  npm run check                        every step, two at a time
  npm run check -- STEP [PATH …]       one step: types, lint, format, imports or unused; PATH for lint and format
  npm run check:STEP [-- PATH …]       the same
  npm run format [-- PATH …]           writes the format: check --fix format

Options:
  --no-cache  looks at everything again
  --fix       lint and format: changes the files where it can
  -h, --help  this text

Examples:
  npm run check -- lint shared/http
  npm run format -- README.md`;

/** Each runs its tool. The longest first, so that the second half of the machine is busy to the end. */
const STEPS = {
  lint: async ({ paths, cache, fix }) => {
    const eslint = ['eslint/bin/eslint.js', '--max-warnings', '0'];
    if (!cache || fix) return execute([...eslint, ...(fix ? ['--fix'] : []), ...paths]);
    const cached = ['--cache', '--cache-strategy', 'content', '--cache-location', `${CACHE}/eslint/`];
    const first = await execute([...eslint, ...cached, '--format', 'json', ...paths]);
    if (first.code !== 1) return first;
    // A finding in the cache may come from another file or a package that has been fixed since.
    const again = await execute([...eslint, ...filesWithFindings(first.output)]);
    if (again.code === 0) rmSync(path.join(ROOT, CACHE, 'eslint'), { recursive: true, force: true });
    return again;
  },
  format: ({ paths, cache, fix }) =>
    execute([
      'prettier/bin/prettier.cjs',
      fix ? '--write' : '--check',
      ...['--log-level', 'warn'],
      ...(cache
        ? ['--cache', '--cache-strategy', 'content', '--cache-location', `${CACHE}/prettier/checked`]
        : []),
      ...paths,
    ]),
  // Incremental by tsconfig.json, and always right about it.
  types: () => execute(['typescript/bin/tsc', '--noEmit']),
  imports: ({ cache }) =>
    execute([
      'dependency-cruiser/bin/dependency-cruise.mjs',
      ...['--config', '.dependency-cruiser.cjs'],
      ...(cache ? ['--cache', `${CACHE}/dependency-cruiser`, '--cache-strategy', 'content'] : []),
      ...['functions', 'shared', 'arm-templates', 'infra', 'scripts', 'tests'],
    ]),
  unused: ({ cache }) => execute(['knip/bin/knip.js', ...(cache ? ['--cache'] : [])]),
};

function filesWithFindings(json) {
  return JSON.parse(json)
    .filter(({ messages }) => messages.length > 0)
    .map(({ filePath }) => filePath);
}

const TAKES_PATHS = ['lint', 'format'];

/** The steps that run, and their processes. */
const running = new Set();
const children = new Set();

async function main() {
  const { values, positionals } = parse();
  if (values.help) return console.log(HELP);
  const [step, ...given] = positionals;
  if (step !== undefined && !(step in STEPS))
    refuse(`There is no step “${step}”: choose of ${Object.keys(STEPS).join(', ')}.`);
  if (given.length > 0 && !TAKES_PATHS.includes(step))
    refuse(`${step} looks at everything: it takes no path.`);
  const options = { paths: given.length > 0 ? given : ['.'], cache: !values['no-cache'], fix: values.fix };
  stopOnInterrupt();

  const waiting = step === undefined ? Object.keys(STEPS) : [step];
  const failed = [];
  const startedAt = Date.now();
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      if (!(await run(name, options))) failed.push(name);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (step === undefined)
    console.log(`${failed.length === 0 ? 'All checks passed' : 'Done'} after ${since(startedAt)}.`);
  if (failed.length === 0) return;
  console.error(`Failed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        'no-cache': { type: 'boolean', default: false },
        fix: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return refuse(`${error.message.split('. ')[0].replace(/\.?$/, '.')}`);
  }
}

function refuse(message) {
  console.error(`${message} (npm run check -- --help)`);
  process.exit(2);
}

/** Runs a step and prints what its tool says once it has ended, so that two do not mix. Resolves to whether it passed. */
async function run(name, options) {
  const startedAt = Date.now();
  console.log(`  … ${name}`);
  running.add(name);
  const { code, output, errors } = await STEPS[name](options);
  running.delete(name);
  console.log(`  ${code === 0 ? '✓' : '✗'} ${name.padEnd(8)} ${since(startedAt)}`);
  if (code !== 0) process.stderr.write(output + errors);
  return code === 0;
}

/** Resolves to the exit code of a tool in node_modules, and what it wrote. */
function execute([tool, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(ROOT, 'node_modules', tool), ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: process.stdout.isTTY ? { FORCE_COLOR: '1', ...process.env } : process.env,
    });
    children.add(child);
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.once('close', (code) => {
      children.delete(child);
      resolve({ code, output, errors });
    });
  });
}

function stopOnInterrupt() {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      console.error(`\nInterrupted: ${[...running].join(' and ')} stopped.`);
      for (const child of children) child.kill();
      process.exit(130);
    });
  }
}

function since(startedAt) {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}

await main();
