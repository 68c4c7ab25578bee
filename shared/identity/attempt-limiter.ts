/** Rate limit of failed attempts: a number of failures within a window, then a wait. */

interface Options {
  /** Failures within the window before waiting begins. */
  attempts: number;
  windowSeconds: number;
  /** Maximum number of keys kept. */
  maxKeys?: number;
}

export class AttemptLimiter {
  private readonly failures = new Map<string, { count: number; windowEndsAt: number }>();

  constructor(private readonly options: Options) {}

  /** Seconds until this key may try again; 0 when it may now. */
  waitSeconds(key: string, now: Date): number {
    const known = this.failures.get(key);
    if (!known || known.windowEndsAt <= now.getTime() || known.count < this.options.attempts) return 0;
    return Math.ceil((known.windowEndsAt - now.getTime()) / 1000);
  }

  recordFailure(key: string, now: Date): void {
    const known = this.failures.get(key);
    if (known && known.windowEndsAt > now.getTime()) {
      known.count++;
      return;
    }
    this.failures.delete(key);
    if (this.failures.size >= (this.options.maxKeys ?? 10_000)) {
      const oldest = this.failures.keys().next();
      if (!oldest.done) this.failures.delete(oldest.value);
    }
    this.failures.set(key, { count: 1, windowEndsAt: now.getTime() + this.options.windowSeconds * 1000 });
  }
}
