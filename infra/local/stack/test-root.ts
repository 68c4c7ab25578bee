/** For tests: a folder like a built repository, with the real stand-ins but a placeholder for the Functions host. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from './repository-root';

const repository = repositoryRoot(__dirname);

/** Answers its environment, passes /local on, and refuses every event. */
const host = `
const { createServer } = require('node:http');
const https = require('node:https');
const flag = (name) => process.argv[process.argv.indexOf('--' + name) + 1];
createServer((request, response) => {
  if (request.url.startsWith('/local/')) {
    const target = new URL(request.url, flag('local-url'));
    https.get(target, (answer) => { response.writeHead(answer.statusCode); answer.pipe(response); });
    return;
  }
  if (request.url.startsWith('/runtime/webhooks/eventgrid')) {
    response.writeHead(400).end();
    return;
  }
  response.end(JSON.stringify({ url: process.env.PUBLIC_URL, extra: process.env.EXTRA }));
}).listen(Number(flag('port')), '127.0.0.1', () => console.log('ready http://127.0.0.1:' + flag('port')));
`;

/** Bundles the stand-ins and the commands, as the build does, into a folder that `remove` deletes. */
export async function makeTestRoot(name: string): Promise<{ root: string; remove: () => void }> {
  const root = path.join(repository, 'node_modules/.cache', `${name}-${process.pid}`);
  mkdirSync(path.join(root, 'dist/local'), { recursive: true });
  writeFileSync(path.join(root, 'package.json'), '{}');
  writeFileSync(path.join(root, 'dist/local/functions-host.js'), host);
  symlinkSync(path.join(repository, 'node_modules'), path.join(root, 'node_modules'));
  await build({
    absWorkingDir: repository,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    external: ['libsql', 'azurite'],
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    outdir: path.join(root, 'dist'),
    entryPoints: {
      'local/azure': 'infra/local/azure/main.ts',
      'local/cosmos': 'infra/local/cosmos/main.ts',
      'scripts/start': 'scripts/start.ts',
      'scripts/token': 'scripts/token.ts',
    },
  });
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
