/** Bundles the app, the local stand-ins and the scripts into `dist/` with esbuild (about a second). */
import { rename, rm } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { lazyPackages } from './build/lazy-packages.mjs';

const root = path.resolve(import.meta.dirname, '..');

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  // Some ESM packages call createRequire(import.meta.url), which a CommonJS bundle must supply.
  define: { 'import.meta.url': '__bundleUrl' },
  banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/** What neither the registration of the functions nor most requests need (`npm run bench` shows the difference). */
const LAZY = [
  '@azure/eventgrid',
  '@azure/keyvault-secrets',
  '@azure/storage-blob',
  '@azure/storage-queue',
  'nodemailer',
  'node-forge',
  'fflate',
  // Of durable-functions: its client's HTTP, and one function of a large library.
  'axios',
  'validator',
];

/** The messages of our answers are English: zod's other languages would only be parsed at every start. */
const zodInEnglish = {
  name: 'zod-in-english',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: '' })),
};

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
// What is deployed: the Functions runtime supplies @azure/functions-core.
const deployed = { ...common, outdir, external: ['@azure/functions-core'], minifySyntax: true };
await Promise.all([
  build({
    ...deployed,
    entryPoints: { app: 'functions/app.ts' },
    plugins: [zodInEnglish, lazyPackages(LAZY, deployed)],
  }),
  // What only a developer's machine runs; native and measured-against packages stay in node_modules.
  build({
    ...common,
    outdir,
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
