/** `npm run structure`: lines of code by folder without tests, and which folder imports which, as a Mermaid picture. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '..');
const HELP = `Prints the lines of code of each folder, without tests, and the imports between folders as Mermaid flowchart.

Usage:
  npm run structure

Options:
  -h, --help  this text

Examples:
  npm run structure            the whole output
  npm run -s structure | head  the lines of code alone`;

/** Folders that are shown one by one: the capabilities, the parts of the engine, everything else as one. */
const ENGINE = 'functions/policies/engine/[^/]+';
const FOLDERS = `^(${ENGINE}|functions/[^/]+|shared/pure|shared|arm-templates|infra/local)(?=/)`;

const values = parse();
if (values?.help) console.log(HELP);
else if (values) {
  for (const [folder, lines] of countLines()) console.log(`${String(lines).padStart(7)}  ${folder}`);
  console.log(`\n${drawImports()}`);
}

/** The options; undefined, with one line and exit code 2, when they are not valid. */
function parse() {
  try {
    return parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    console.error(`${error.message.split('. ')[0].replace(/\.?$/, '.')} (npm run structure -- --help)`);
    process.exitCode = 2;
    return undefined;
  }
}

function countLines() {
  const lines = new Map();
  for (const top of ['functions', 'shared', 'arm-templates', 'infra', 'scripts']) {
    for (const file of readdirSync(path.join(ROOT, top), { recursive: true })) {
      const name = path.join(top, file);
      const isCode = /\.(ts|mjs|cjs)$/.test(name) && !/\.test\.ts$|\/testing\/|\.d\.m?ts$/.test(name);
      if (!isCode || !statSync(path.join(ROOT, name)).isFile()) continue;
      const folder = new RegExp(FOLDERS).exec(name)?.[1] ?? top;
      const count = readFileSync(path.join(ROOT, name), 'utf8').split('\n').length - 1;
      lines.set(folder, (lines.get(folder) ?? 0) + count);
    }
  }
  return [...lines].sort(([a], [b]) => a.localeCompare(b));
}

function drawImports() {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', '.dependency-cruiser.cjs', '--output-type', 'mermaid', '--collapse', FOLDERS],
      ...['--exclude', '\\.test\\.ts$|/testing/|node_modules', '--include-only', FOLDERS],
      ...['functions', 'shared', 'arm-templates'],
    ],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
