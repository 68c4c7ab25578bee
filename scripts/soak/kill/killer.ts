/** Kills the Functions host with the app in it, and starts it again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../../infra/local/stack/stack';

/** Journeys that come to their step within this time share one kill: each of them is killed there all the same. */
const BATCHING_MS = 700;

export class Killer {
  kills = 0;
  /** Rejects when a host did not come back: nothing can be played any more. */
  readonly failed: Promise<never>;
  private fail: (reason: unknown) => void = () => undefined;
  private pendingKill: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly stack: Pick<Stack, 'killHost' | 'startHost'>) {
    this.failed = new Promise((_resolve, reject) => (this.fail = reject));
    this.failed.catch(() => undefined);
  }

  /** Resolves when the host that runs now has been killed and another one serves. */
  kill(): Promise<void> {
    this.pendingKill ??= this.last = this.last.then(() => this.perform());
    return this.pendingKill;
  }

  private async perform(): Promise<void> {
    await sleep(BATCHING_MS);
    this.pendingKill = undefined;
    await this.stack.killHost();
    this.kills++;
    await this.stack.startHost().catch((error: unknown) => {
      this.fail(error);
      throw error;
    });
  }
}
