/** Token buckets by key, in memory: what flows in at a constant rate may be taken at once up to the size of the bucket. */

/** What may come at once after a pause: what flows in during so many seconds. */
const BURST_SECONDS = 10;
/** A debt is forgiven beyond what flows in during this time, so that no wait is longer. */
const MAX_DEBT_SECONDS = 120;
const MAX_KEYS = 10_000;
/** What rounding may take from a token that has flowed in: who waited as long as was said is not sent away again. */
const ROUNDING = 1e-6;

interface Bucket {
  tokens: number;
  /** Epoch milliseconds. */
  filledAt: number;
}

interface Options {
  /** Default: 10. */
  burstSeconds?: number;
  maxKeys?: number;
}

/** One bucket per key: `perMinute` tokens in the long run. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();
  private readonly capacity: number;
  private readonly maxKeys: number;

  constructor(
    private readonly perMinute: number,
    { burstSeconds = BURST_SECONDS, maxKeys = MAX_KEYS }: Options = {},
  ) {
    this.capacity = Math.max(1, (perMinute * burstSeconds) / 60);
    this.maxKeys = maxKeys;
  }

  /** Seconds until the key has a token, rounded up; 0 when it has one now. */
  waitSeconds(key: string, now: Date): number {
    return Math.ceil(this.waitMilliseconds(key, now) / 1000);
  }

  /** The same in milliseconds, not rounded. */
  waitMilliseconds(key: string, now: Date): number {
    const { tokens } = this.filled(key, now);
    return tokens >= 1 - ROUNDING ? 0 : ((1 - tokens) * 60_000) / this.perMinute;
  }

  /** Takes tokens of the key, more than it has where the price is known only afterwards: the key waits the longer. */
  take(key: string, now: Date, amount = 1): void {
    const { tokens, filledAt } = this.filled(key, now);
    const least = -(this.perMinute * MAX_DEBT_SECONDS) / 60;
    // The longest unused first; a bucket that is dropped comes back full.
    this.buckets.delete(key);
    if (this.buckets.size >= this.maxKeys) {
      const oldest = this.buckets.keys().next();
      if (!oldest.done) this.buckets.delete(oldest.value);
    }
    this.buckets.set(key, { tokens: Math.max(least, tokens - amount), filledAt });
  }

  private filled(key: string, now: Date): Bucket {
    const bucket = this.buckets.get(key);
    const filledAt = now.getTime();
    if (!bucket) return { tokens: this.capacity, filledAt };
    const minutes = Math.max(0, filledAt - bucket.filledAt) / 60_000;
    return { tokens: Math.min(this.capacity, bucket.tokens + minutes * this.perMinute), filledAt };
  }
}
