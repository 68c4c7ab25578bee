/** Answers those who send too much a moment later, so that who repeats a request at once cannot keep an instance busy. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Beyond so many at the same time answers are not delayed: waiting requests need memory and connections. */
const MAX_DELAYED = 100;

export class RefusalDelay {
  private delayed = 0;

  /** @param milliseconds how long; 0: not at all */
  constructor(private readonly milliseconds: number) {}

  /** Resolves when the refusal may be sent. */
  async wait(): Promise<void> {
    if (this.milliseconds === 0 || this.delayed >= MAX_DELAYED) return;
    this.delayed++;
    try {
      await sleep(this.milliseconds);
    } finally {
      this.delayed--;
    }
  }
}
