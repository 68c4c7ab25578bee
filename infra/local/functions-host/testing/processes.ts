/** Starts what the tests need as processes of their own: the built host with a fixture app, and Azurite. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface HostProcess {
  readonly url: string;
  /** All lines that it has printed so far. */
  readonly output: readonly string[];
  /** Ends it at once, like a crash. */
  kill(): Promise<void>;
  /** Asks it to drain and end; resolves with the exit code. */
  terminate(): Promise<number | null>;
}

/** A folder of its own for one test file, gone at the end. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'functions-host-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Bundles a program as the product's build does; about half a second. Returns the file. */
export function bundle(entry: string, outfile: string): string {
  const args = [entry, '--bundle', '--platform=node', '--format=cjs', '--target=node20', '--log-level=error'];
  args.push('--external:libsql', '--external:@azure/functions-core', `--outfile=${outfile}`);
  args.push('--define:import.meta.url=__bundleUrl');
  args.push("--banner:js=const __bundleUrl = require('node:url').pathToFileURL(__filename).href;");
  execFileSync(path.join(nodeModules(), '.bin/esbuild'), args);
  return outfile;
}

/** Bundles the host and a fixture app. */
export function bundleHost(folder: string, fixture: string): { host: string; app: string } {
  return {
    host: bundle(path.join(__dirname, '../main.ts'), path.join(folder, 'host.js')),
    app: bundle(fixture, path.join(folder, 'app.js')),
  };
}

/** Resolves when the host says that it is ready; rejects with its output when it ends before. */
export async function startHostProcess(
  hostFile: string,
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<HostProcess> {
  const child = spawn(process.execPath, [hostFile, ...flags], {
    // No host runs orchestrations without a storage connection; only those with queues use it.
    env: {
      ...process.env,
      NODE_PATH: nodeModules(),
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const ready = await firstLine(child, output, /^ready (\S+)$/);
  return {
    url: ready,
    output,
    kill: async () => {
      child.kill('SIGKILL');
      await exited(child);
    },
    terminate: async () => {
      child.kill('SIGTERM');
      return exited(child);
    },
  };
}

/** Real Azurite, queues only, in memory, over http; resolves with its connection string. */
export async function startAzuriteQueues(): Promise<{ connection: string; stop: () => Promise<void> }> {
  const main = path.join(nodeModules(), 'azurite/dist/src/queue/main.js');
  const child = spawn(
    process.execPath,
    [
      main,
      '--queuePort',
      '0',
      '--inMemoryPersistence',
      '--skipApiVersionCheck',
      '--silent',
      '--disableTelemetry',
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const endpoint = await firstLine(child, [], /listens on (http:\S+)/);
  const account =
    'AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
  return {
    connection: `DefaultEndpointsProtocol=http;${account};QueueEndpoint=${endpoint}/devstoreaccount1;`,
    stop: async () => {
      child.kill('SIGKILL');
      await exited(child);
    },
  };
}

/** Asks again and again until the answer is there. */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | undefined>,
  patienceMs = 15_000,
): Promise<Value> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`Did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function nodeModules(): string {
  return path.join(path.dirname(createRequire(__filename).resolve('azurite/package.json')), '..');
}

function firstLine(child: ChildProcess, output: string[], pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let rest = '';
    const read = (chunk: Buffer) => {
      const lines = `${rest}${chunk.toString()}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        output.push(line);
        const match = pattern.exec(line)?.[1];
        if (match !== undefined) resolve(match);
      }
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${output.join('\n')} ${rest}`)));
  });
}

function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}
