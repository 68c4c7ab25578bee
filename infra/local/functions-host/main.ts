/** Process entry of the local Functions host: flags, signals, and the app in the same process. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startHost } from './host';
import { messageOf } from './host-log';
import { checkHostJson } from './host-settings';
import { localProxy } from './http/local-proxy';
import { loadApp } from './worker/in-process-worker';

const DRAIN_MS = 10_000;
/** The drain time of other functions when one has exceeded `functionTimeout`. */
const TIMEOUT_DRAIN_MS = 1000;

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      app: { type: 'string', default: 'dist/package/app.js' },
      port: { type: 'string', default: '7071' },
      'host-json': { type: 'string', default: 'host.json' },
      'storage-dir': { type: 'string', default: '.local/functions-host' },
      'local-url': { type: 'string' },
      'queue-lease-seconds': { type: 'string', default: '30' },
    },
  });
  const localUrl = flags['local-url'];
  const { settings, withoutEffect } = checkHostJson(readFileSync(flags['host-json'], 'utf8'));
  for (const setting of withoutEffect)
    process.stdout.write(`host.json: ${setting} has no effect on one machine.\n`);
  const host = await startHost({
    port: Number(flags.port),
    settings,
    storageDir: flags['storage-dir'],
    environment: process.env,
    queueLeaseSeconds: Number(flags['queue-lease-seconds']),
    loadWorker: (hostUrl, writeLog) => {
      // The durable client reaches the host by this name, as in Azure.
      process.env.WEBSITE_HOSTNAME ??= new URL(hostUrl).host;
      return loadApp(flags.app, writeLog);
    },
    localRoutes: localUrl === undefined ? undefined : localProxy(localUrl, process.env.NODE_EXTRA_CA_CERTS),
    print: (line) => void process.stdout.write(`${line}\n`),
    onFunctionTimeout: () => {
      process.stderr.write('Functions host: a function timeout has occurred; this process ends.\n');
      stop(TIMEOUT_DRAIN_MS, 1);
    },
  });

  function stop(drainMs: number, exitCode: number): void {
    host.stop(drainMs).then(
      () => process.exit(exitCode),
      (error: unknown) => fail(error),
    );
  }
  process.once('SIGTERM', () => stop(DRAIN_MS, 0));
  process.once('SIGINT', () => stop(DRAIN_MS, 0));
  process.stdout.write(`ready ${host.url}\n`);
}

function fail(error: unknown): never {
  process.stderr.write(
    `Functions host: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`,
  );
  process.exit(1);
}

main().catch(fail);
