/** For tests: what a bundle of the app registers when a Functions host loads it, in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

export interface RegisteredFunction {
  name: string;
  /** The trigger's binding: `type`, and what its kind has, such as `route`, `queueName` or `schedule`. */
  trigger: Readonly<Record<string, unknown>> & { type: string };
}

/**
 * Loads the bundle as the local Functions host does, with the real programming model. jest's module loader cannot: hence
 * another process, whose program lies outside of the repository, so that it has no node_modules to fall back on.
 */
export async function registeredFunctions(bundle: string): Promise<RegisteredFunction[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'registered-'));
  try {
    const outfile = path.join(folder, 'print-registered-functions.js');
    await build({
      entryPoints: [path.join(__dirname, 'print-registered-functions.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
    });
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [outfile, bundle], { cwd: folder });
    return JSON.parse(stdout) as RegisteredFunction[];
  } finally {
    await rm(folder, { recursive: true });
  }
}
