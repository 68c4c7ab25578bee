/**
 * One start of the app in a fresh process, as the Functions runtime does it: load, register, answer a first request.
 * Run as `node load-app.js [APP [--code-cache]]`; without an app it measures Node alone. Prints a `Start` as JSON.
 */
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { loadApp } from '../../../infra/local/functions-host/worker/in-process-worker';
import type { Worker } from '../../../infra/local/functions-host/worker/worker';
import { benchEnvironment } from '../environment';

export interface Start {
  /** From the beginning of loading until every function is registered. */
  readonly loadMilliseconds: number;
  /** From the beginning of loading until the first request is answered. */
  readonly firstAnswerMilliseconds: number;
  /** The processor's time for the same. */
  readonly firstAnswerCpuMilliseconds: number;
  readonly filesLoaded: number;
  readonly functions: number;
  readonly rssBytes: number;
}

async function main([appPath, option]: readonly string[]): Promise<Start> {
  Object.assign(process.env, benchEnvironment);
  const files = countFilesRead();
  const keepCache = option === '--code-cache' ? useCodeCache() : undefined;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const worker = appPath === undefined ? undefined : await loadApp(appPath, () => undefined);
  const loadedAt = performance.now();
  if (worker) await answerFirstRequest(worker);
  const { user, system } = process.cpuUsage(cpu);
  const result = {
    loadMilliseconds: loadedAt - startedAt,
    firstAnswerMilliseconds: performance.now() - startedAt,
    firstAnswerCpuMilliseconds: (user + system) / 1000,
    filesLoaded: files(),
    functions: worker?.functions.length ?? 0,
    rssBytes: process.memoryUsage.rss(),
  };
  keepCache?.();
  return result;
}

/** Every script that Node loads, CommonJS or ESM, is read with this function. */
function countFilesRead(): () => number {
  const readFileSync = fs.readFileSync;
  const scripts = new Set<string>();
  const counting = (...parameters: Parameters<typeof readFileSync>) => {
    const name = String(parameters[0]);
    if (/\.[cm]?js$/.test(name)) scripts.add(name);
    return readFileSync(...parameters);
  };
  Object.assign(fs, { readFileSync: counting });
  return () => scripts.size;
}

/** Compiles every script with V8's cached code where `SCRIPT.cache` is; the returned function makes those files. */
function useCodeCache(): () => void {
  // Not in Node's type definitions: every CommonJS file passes through it.
  const prototype = Module.prototype as Module & {
    _compile(this: Module, content: string, filename: string): void;
  };
  const uncached = new Map<string, vm.Script>();
  prototype._compile = function (content, filename) {
    const cacheFile = `${filename}.cache`;
    const cachedData = fs.existsSync(cacheFile) ? { cachedData: fs.readFileSync(cacheFile) } : {};
    const script = new vm.Script(Module.wrap(content), { filename, ...cachedData });
    if (script.cachedDataRejected) throw new Error(`${cacheFile} is of another version of V8`);
    if (!('cachedData' in cachedData)) uncached.set(cacheFile, script);
    const run = script.runInThisContext() as (this: unknown, ...parameters: unknown[]) => void;
    run.call(this.exports, this.exports, createRequire(filename), this, filename, path.dirname(filename));
  };
  return () => {
    for (const [cacheFile, script] of uncached) fs.writeFileSync(cacheFile, script.createCachedData());
  };
}

/** A request without a token: it opens every service of the app, calls none of them, and is refused with 401. */
async function answerFirstRequest(worker: Worker): Promise<void> {
  const trigger = worker.functions.find(({ name }) => name === 'getMe');
  const [name] = Object.entries(trigger?.bindings ?? {}).find(([, { type }]) => type === 'httpTrigger') ?? [];
  if (name === undefined) throw new Error('The app registered no function getMe with an HTTP trigger');
  const http = { method: 'GET', url: 'http://127.0.0.1/api/v1/me' };
  const invocation = { invocationId: '1', inputData: [{ name, data: { http } }], triggerMetadata: {} };
  const response = await worker.invoke('getMe', invocation);
  const status = response.status === 'success' ? response.returnValue?.http?.statusCode : 'no';
  if (String(status) !== '401') throw new Error(`The first request was answered with ${status}, not 401`);
}

main(process.argv.slice(2)).then(
  (start) => process.stdout.write(JSON.stringify(start), () => process.exit(0)),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
