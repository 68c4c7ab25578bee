/** Determines whether a recorded process still runs, although process ids are reused. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The command line of a process; undefined when it does not exist (a zombie counts as such). */
export function commandLine(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    } catch {
      return undefined;
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes('<defunct>') ? undefined : stdout.trim() || undefined;
}
