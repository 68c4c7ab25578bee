/** Starts and ends the process of the hostile customer. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from '../../../infra/local/stack/repository-root';
import type { AttackOrder, AttackReport } from './attacker.app';

export class Attacker {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when the attacks have begun. @param folder for the program of the process */
  static async start(folder: string, order: AttackOrder): Promise<Attacker> {
    const program = path.join(folder, 'attacker.js');
    await build({
      absWorkingDir: repositoryRoot(),
      entryPoints: ['scripts/soak/noisy-neighbor/attacker.app.ts'],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
    });
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.send(order);
    await answerOf(child);
    return new Attacker(child);
  }

  /** Of the process. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Ends the attacks. */
  async stop(): Promise<AttackReport> {
    const report = answerOf(this.child);
    this.child.send('stop');
    return (await report) as AttackReport;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** The next message of the process. @throws Error when it ends instead */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The hostile customer's process ended with ${String(code)}.`);
    }),
  ])) as [unknown];
  return message;
}
