/**
 * One or two Functions hosts on a storage folder of their own, which are killed and restarted; and calls to whichever
 * is running.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { type HostProcess, startHostProcess } from '../../../infra/local/functions-host/testing/processes';
import { repositoryRoot } from '../../../infra/local/stack/repository-root';

export interface Bundles {
  host: string;
  app: string;
}

const CALL_AGAIN_MS = 30;

/** Bundles the host and an app (its source's path in the repository) into a folder. */
export async function bundleHostAndApp(folder: string, app: string): Promise<Bundles> {
  await build({
    absWorkingDir: repositoryRoot(),
    entryPoints: { host: 'infra/local/functions-host/main.ts', app },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    external: ['libsql', '@azure/functions-core'],
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  return { host: path.join(folder, 'host.js'), app: path.join(folder, 'app.js') };
}

export class DurableHosts {
  kills = 0;
  private isStopped = false;
  private readonly hosts: (HostProcess | undefined)[] = [];
  private readonly traceFile: string;
  private readonly flags: string[];

  private constructor(
    private readonly bundles: Bundles,
    folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
    const hostJson = path.join(folder, 'host.json');
    writeFileSync(hostJson, JSON.stringify({ version: '2.0', logging: { logLevel: { default: 'None' } } }));
    this.traceFile = path.join(folder, 'traces');
    writeFileSync(this.traceFile, '');
    this.flags = ['--app', bundles.app, '--port', '0', '--host-json', hostJson, '--storage-dir', folder];
  }

  /** Starts this many hosts on the folder; the caller stops them with `stop`. */
  static async start(bundles: Bundles, folder: string, count: number): Promise<DurableHosts> {
    const hosts = new DurableHosts(bundles, folder);
    for (let index = 0; index < count; index += 1) await hosts.startOne(index);
    return hosts;
  }

  /** What the activities have written. */
  traces(): string[] {
    return readFileSync(this.traceFile, 'utf8').split('\n').slice(0, -1);
  }

  /** Kills a host with signal 9 and starts it again after a pause. */
  async killAndRestart(index: number, pauseMs: number): Promise<void> {
    await this.hosts[index]?.kill();
    this.hosts[index] = undefined;
    this.kills += 1;
    await sleep(pauseMs);
    if (!this.isStopped) await this.startOne(index);
  }

  /** Calls the Durable HTTP API at whichever host answers, retrying until one does. Rejects once all have been stopped. */
  async call(
    method: string,
    pathAndQuery: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }> {
    while (!this.isStopped) {
      for (const host of this.hosts) {
        const answer = host && (await this.tryCall(host, method, pathAndQuery, body));
        if (answer) return answer;
      }
      await sleep(CALL_AGAIN_MS);
    }
    throw new Error('The hosts have been stopped');
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.hosts.map(async (host) => host?.kill()));
  }

  private async tryCall(host: HostProcess, method: string, pathAndQuery: string, body: unknown) {
    try {
      const response = await fetch(`${host.url}/runtime/webhooks/durabletask${pathAndQuery}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      // It listens before it is ready.
      if (response.status === 503) return undefined;
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch {
      return undefined;
    }
  }

  private async startOne(index: number): Promise<void> {
    const host = await startHostProcess(this.bundles.host, this.flags, { TRACES: this.traceFile });
    if (this.isStopped) await host.kill();
    else this.hosts[index] = host;
  }
}
