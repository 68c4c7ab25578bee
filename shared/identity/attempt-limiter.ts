/**
 * Rate limit of attempts that may be guesses, by who makes them: an attempt counts before its work begins and is
 * forgiven when it turns out right, so that any number of concurrent guesses finds the limit too.
 */
import type { Clock } from '../clock';
import { Problem } from '../problem';

interface Options {
  /** Wrong attempts within the window, running ones included, before the next one is refused. */
  attempts: number;
  windowSeconds: number;
  /** Maximum number of keys kept. */
  maxKeys?: number;
}

interface Count {
  running: number;
  failed: number;
  /** End of the window of the failed ones, as epoch milliseconds. */
  windowEndsAt: number;
}

/** For those who found the limit only with attempts that are still running. */
const SOON_SECONDS = 1;

export class AttemptLimiter {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly options: Options,
    private readonly refusal: string,
  ) {}

  /**
   * The result of an attempt. It fails, and counts, when it throws `unauthenticated`; any other error says nothing.
   * @throws Problem `too-many-requests` instead of beginning it, with the seconds to wait; what `attempt` throws
   */
  async run<T>(key: string, clock: Clock, attempt: () => Promise<T>): Promise<T> {
    const waitSeconds = this.waitSeconds(key, clock.now());
    if (waitSeconds > 0)
      throw new Problem('too-many-requests', this.refusal, { retryAfterSeconds: waitSeconds });
    const count = this.countOf(key);
    count.running++;
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Problem && error.code === 'unauthenticated')
        this.recordFailure(count, clock.now());
      throw error;
    } finally {
      count.running--;
    }
  }

  /** Seconds until this key may try again; 0 when it may now. */
  waitSeconds(key: string, now: Date): number {
    const known = this.counts.get(key);
    if (!known) return 0;
    const failed = known.windowEndsAt > now.getTime() ? known.failed : 0;
    if (failed + known.running < this.options.attempts) return 0;
    if (failed < this.options.attempts) return SOON_SECONDS;
    return Math.ceil((known.windowEndsAt - now.getTime()) / 1000);
  }

  private countOf(key: string): Count {
    const known = this.counts.get(key);
    if (known) return known;
    if (this.counts.size >= (this.options.maxKeys ?? 10_000)) {
      const oldest = this.counts.keys().next();
      if (!oldest.done) this.counts.delete(oldest.value);
    }
    const count = { running: 0, failed: 0, windowEndsAt: 0 };
    this.counts.set(key, count);
    return count;
  }

  private recordFailure(count: Count, now: Date): void {
    if (count.windowEndsAt <= now.getTime()) {
      count.failed = 0;
      count.windowEndsAt = now.getTime() + this.options.windowSeconds * 1000;
    }
    count.failed++;
  }
}
