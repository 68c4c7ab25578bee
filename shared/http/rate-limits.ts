/** Rate limits of requests: token buckets in memory, so each instance of the app has its own. */
import type { Config } from '../config';
import type { Caller } from '../identity/caller';
import { Problem } from '../problem';

/** What may come at once after a pause: the requests of so many seconds. */
const BURST_SECONDS = 10;
const MAX_KEYS = 10_000;

interface Bucket {
  tokens: number;
  /** Epoch milliseconds. */
  filledAt: number;
}

/** One token bucket per key: `perMinute` requests in the long run, ten seconds' worth of them at once. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();
  private readonly capacity: number;

  constructor(
    private readonly perMinute: number,
    private readonly maxKeys = MAX_KEYS,
  ) {
    this.capacity = Math.max(1, (perMinute * BURST_SECONDS) / 60);
  }

  /** Seconds until the key has a token, rounded up; 0 when it has one now. */
  waitSeconds(key: string, now: Date): number {
    const { tokens } = this.filled(key, now);
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 60) / this.perMinute);
  }

  /** Takes a token of the key. */
  take(key: string, now: Date): void {
    const { tokens, filledAt } = this.filled(key, now);
    // The longest unused first; a bucket that is dropped comes back full.
    this.buckets.delete(key);
    if (this.buckets.size >= this.maxKeys) {
      const oldest = this.buckets.keys().next();
      if (!oldest.done) this.buckets.delete(oldest.value);
    }
    this.buckets.set(key, { tokens: tokens - 1, filledAt });
  }

  private filled(key: string, now: Date): Bucket {
    const bucket = this.buckets.get(key);
    const filledAt = now.getTime();
    if (!bucket) return { tokens: this.capacity, filledAt };
    const minutes = Math.max(0, filledAt - bucket.filledAt) / 60_000;
    return { tokens: Math.min(this.capacity, bucket.tokens + minutes * this.perMinute), filledAt };
  }
}

/** The limits of administrators: of each one, and of all of a customer together. */
export class RateLimits {
  private readonly administrators: TokenBuckets;
  private readonly customers: TokenBuckets;

  constructor({ administratorPerMinute, customerPerMinute }: Config['requests']) {
    this.administrators = new TokenBuckets(administratorPerMinute);
    this.customers = new TokenBuckets(customerPerMinute);
  }

  /** Counts a request; one that is refused does not count. @throws Problem `too-many-requests` */
  count(caller: Caller, now: Date): void {
    if (caller.type !== 'administrator') return;
    const { customerId, id } = caller;
    const own = `${customerId} ${id}`;
    const [ownWait, customerWait] = [
      this.administrators.waitSeconds(own, now),
      this.customers.waitSeconds(customerId, now),
    ];
    if (ownWait > 0) throw tooMany('You send too many requests', ownWait);
    if (customerWait > 0)
      throw tooMany('The administrators of your organisation send too many requests', customerWait);
    this.administrators.take(own, now);
    this.customers.take(customerId, now);
  }
}

function tooMany(what: string, retryAfterSeconds: number): Problem {
  return new Problem('too-many-requests', `${what}: wait before the next one.`, { retryAfterSeconds });
}
