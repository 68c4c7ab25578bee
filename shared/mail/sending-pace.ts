/** Spaces out what accounts send, so that none sends more in a second than it may. */

const SECOND_MS = 1000;

/** One account's pace: sites that share an account share it, and the lowest of their limits holds. */
interface Pace {
  limits: Map<string, number>;
  nextAtMs: number;
}

export class SendingPace {
  private readonly paces = new Map<string, Pace>();

  /**
   * Says how long it is until the next free moment of an account, in milliseconds, and takes it unless that is longer
   * than `maxWaitMs`.
   * @param perSecond the limit that `sharer` sets
   */
  reserve(account: string, sharer: string, perSecond: number, nowMs: number, maxWaitMs: number): number {
    const pace = this.paces.get(account) ?? { limits: new Map<string, number>(), nextAtMs: nowMs };
    pace.limits.set(sharer, perSecond);
    const atMs = Math.max(nowMs, pace.nextAtMs);
    const waitMs = Math.ceil(atMs - nowMs);
    if (waitMs <= maxWaitMs) pace.nextAtMs = atMs + SECOND_MS / Math.min(...pace.limits.values());
    this.paces.set(account, pace);
    return waitMs;
  }
}
