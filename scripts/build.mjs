/**
 * Bundles with esbuild into `dist/`: the deployment package (`dist/package/`, the app and all that Azure needs of it), the
 * local stand-ins and the scripts.
 */
import { rename, rm } from 'node:fs/promises';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { parseArgs } from 'node:util';
import { appBundle, bundle } from './build/app-bundle.mjs';
import { completePackage } from './build/package.mjs';
import { removeStaleFolders } from './build/stale-folders.mjs';

const HELP = `Bundles everything into dist/ (a few seconds); npm start, npm run dev and npm test do it by themselves.

  dist/package/  the deployment package: host.json, package.json, the app's bundle and what it loads late
  dist/local/    the stand-ins for Azure
  dist/scripts/  the commands

Usage:
  npm run build

Options:
  -h, --help  this text

Examples:
  npm run build && (cd dist/package && zip -r ../package.zip .)  a package for az functionapp deployment`;

readArguments();

const root = path.resolve(import.meta.dirname, '..');

/** Entry points `<folder>/<name>/main.ts` as { out: in }. */
function mains(folder, out) {
  return Object.fromEntries(
    readdirSync(path.join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(path.join(root, folder, entry.name, 'main.ts')))
      .map((entry) => [`${out}/${entry.name}`, `${folder}/${entry.name}/main.ts`]),
  );
}

/** The commands: every `scripts/*.ts` that is not a test. */
function commands() {
  return Object.fromEntries(
    readdirSync(path.join(root, 'scripts'))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => [`scripts/${path.basename(name, '.ts')}`, `scripts/${name}`]),
  );
}

// Beside it and swapped at the end: a service that runs from dist/ finds what it loads late also while this builds. Each
// build has folders of its own: two commands that are started at once build at the same time.
const dist = path.join(root, 'dist');
const outdir = `${dist}.new-${process.pid}`;
const packageFolder = path.join(outdir, 'package');
removeStaleFolders(root);
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    console.error('\nInterrupted: nothing was built.');
    process.exit(128 + constants.signals[signal]);
  });
await Promise.all([
  build(appBundle(root, packageFolder)),
  // What only a developer's machine runs; native and measured-against packages stay in node_modules.
  build({
    ...bundle(root, outdir),
    entryPoints: { ...mains('infra/local', 'local'), ...commands() },
    external: [
      'libsql',
      'azurite',
      'esbuild',
      '@azure/functions-core',
      'json-rules-engine',
      'json-logic-engine',
      '@gorules/zen-engine',
    ],
  }),
]);
await completePackage(root, packageFolder);

await swapIn();

/** Takes the place of what was built before, also when another build does so at the same moment. */
async function swapIn() {
  const old = `${dist}.old-${process.pid}`;
  try {
    await renameUnless('ENOENT', dist, old);
    // The other build has put its own there meanwhile: that one is replaced.
    if (!(await renameUnless('ENOTEMPTY', outdir, dist))) await swapIn();
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

/** Returns whether the folder was renamed; a failure with this code is none. */
async function renameUnless(code, from, to) {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (error.code !== code) throw error;
    return false;
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
    if (!values.help) return;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    console.error(`${error.message.split('. ')[0].replace(/\.?$/, '.')} (npm run build -- --help)`);
    process.exit(2);
  }
}
