/** How the app and everything else is bundled: what `npm run build` and `npm run dev` have in common. */
import { API_DOCUMENTS } from './api-documents.mjs';
import { lazyPackages } from './lazy-packages.mjs';

/**
 * What is started in Azure, `{ name: source }`: the app, and whatever it starts by file name, such as worker threads.
 * Each becomes a file of the deployment package; they lie side by side, since all of them find their lazy parts beside
 * themselves.
 */
const ENTRY_POINTS = {
  app: 'functions/app.ts',
  'operation-thread': 'functions/operation-thread.ts',
  'policy-thread': 'functions/policy-thread.ts',
};

/** What the build itself runs beside them, and does not deploy: see `api-documents.mjs`. */
const BUILD_STEPS = { [API_DOCUMENTS]: 'functions/write-api-documents.ts' };

/** What neither the registration of the functions nor most requests need (`npm run bench` shows the difference). */
const LAZY = [
  '@azure/eventgrid',
  '@azure/keyvault-secrets',
  '@azure/storage-blob',
  '@azure/storage-queue',
  'nodemailer',
  'node-forge',
  'fflate',
  'temporal-polyfill',
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

/** esbuild's options for any bundle of this repository, whose root this is. */
export function bundle(root, outdir) {
  return {
    absWorkingDir: root,
    outdir,
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
}

/** esbuild's options for what is deployed: the entry points and their lazy parts, and what makes the rest. The runtime supplies @azure/functions-core. */
export function appBundle(root, outdir) {
  const options = { ...bundle(root, outdir), external: ['@azure/functions-core'], minifySyntax: true };
  return {
    ...options,
    entryPoints: { ...ENTRY_POINTS, ...BUILD_STEPS },
    plugins: [zodInEnglish, lazyPackages(LAZY, options)],
  };
}
