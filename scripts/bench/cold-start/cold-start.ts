/** How long a fresh process takes to the app's first answer, and what memory it holds then: one bundle beside many files. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { repositoryRoot } from '../../../infra/local/stack/repository-root';
import { median, summarise } from '../statistics';
import { figure, ratio, type Table, withSpread } from '../table';
import type { Start } from './load-app';

const ROUNDS = 9;
const MEBIBYTE = 1024 * 1024;

/** A way to start: its name, and the arguments of `load-app`. */
interface Side {
  readonly name: string;
  readonly parameters: readonly string[];
}

/** Starts a process per side and round, the sides in turn. */
export async function benchColdStart(): Promise<Table> {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-recording-bench-'));
  try {
    const sides = await prepare(folder);
    const starts = new Map<Side, Start[]>(sides.map((side) => [side, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [side, results] of starts) results.push(await start(folder, side));
    }
    return report(starts);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts every form of the app into the folder, and starts each once so that all files are in the system's cache. */
async function prepare(folder: string): Promise<Side[]> {
  const root = repositoryRoot();
  const common = { absWorkingDir: root, platform: 'node', format: 'cjs', target: 'node20' } as const;
  await Promise.all([
    symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules')),
    cp(path.join(root, 'dist/package/app.js'), path.join(folder, 'app.js')),
    cp(path.join(root, 'dist/package/lazy'), path.join(folder, 'lazy'), { recursive: true }),
    build({
      ...common,
      entryPoints: ['scripts/bench/cold-start/load-app.ts'],
      bundle: true,
      outdir: folder,
    }),
    build({
      ...common,
      entryPoints: ['functions/**/*.ts', 'shared/**/*.ts', 'arm-templates/**/*.ts'],
      outbase: root,
      outdir: path.join(folder, 'files'),
    }),
  ]);
  const bundle = path.join(folder, 'app.js');
  const sides = [
    { name: 'Node alone', parameters: [] },
    { name: 'bundle', parameters: [bundle] },
    { name: 'bundle, V8 code cache', parameters: [bundle, '--code-cache'] },
    { name: 'file by file', parameters: [path.join(folder, 'files/functions/app.js')] },
  ];
  for (const side of sides) await start(folder, side);
  return sides;
}

async function start(folder: string, { parameters }: Side): Promise<Start> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [path.join(folder, 'load-app.js'), ...parameters]);
  return JSON.parse(stdout) as Start;
}

function report(starts: Map<Side, Start[]>): Table {
  const [, bundle = []] = starts.values();
  const rows = [...starts].map(([{ name }, results]) => {
    const middle = (of: keyof Start) => median(results.map((result) => result[of]));
    const [first] = results;
    return [
      name,
      withSpread(summarise(results.map((result) => result.loadMilliseconds))),
      withSpread(summarise(results.map((result) => result.firstAnswerMilliseconds))),
      figure(middle('firstAnswerCpuMilliseconds')),
      ratio(
        middle('firstAnswerCpuMilliseconds'),
        median(bundle.map((result) => result.firstAnswerCpuMilliseconds)),
      ),
      figure(first?.filesLoaded ?? 0),
      figure(middle('rssBytes') / MEBIBYTE),
    ];
  });
  return {
    title: 'Cold start and memory',
    note: `Fresh processes in turn, ${ROUNDS} each; ${bundle[0]?.functions ?? 0} functions are registered, then a request without token is answered 401.`,
    columns: [
      '',
      'registered (ms)',
      'first answer (ms)',
      'CPU until then (ms)',
      'ratio of CPU',
      'files',
      'RSS (MiB)',
    ],
    rows,
  };
}
