/** Kills the Functions host with the app in it, and starts it again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../../infra/local/stack/stack';

/** Journeys that reach their step within this time share one kill. */
const BATCHING_MS = 700;

export class Killer {
  kills = 0;
  /** Rejects when a host did not restart: no journey can be played any more. */
  readonly failed: Promise<never>;
  private fail: (reason: unknown) => void = () => undefined;
  private pendingKill: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly stack: Pick<Stack, 'killHost' | 'startHost'>) {
    this.failed = new Promise((_resolve, reject) => (this.fail = reject));
    this.failed.catch(() => undefined);
  }

  /** Resolves when the running host has been killed and its successor serves. */
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
