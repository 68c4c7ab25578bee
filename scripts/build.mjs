/** Bundles the app, the local stand-ins and the scripts into `dist/` with esbuild (about a second). */
import { rename, rm } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { appBundle, bundle } from './build/app-bundle.mjs';

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

// Beside it and swapped at the end: a service that runs from dist/ finds what it loads late also while this builds.
const dist = path.join(root, 'dist');
const outdir = `${dist}.new`;
await remove(outdir);
await Promise.all([
  build(appBundle(root, outdir)),
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

const old = `${dist}.old`;
await remove(old);
if (existsSync(dist)) await rename(dist, old);
await rename(outdir, dist);
await remove(old);

function remove(folder) {
  return rm(folder, { recursive: true, force: true });
}
