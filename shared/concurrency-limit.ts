/** Runs work with bounded concurrency and a bounded queue: what comes on top is refused at once. */
import { Problem } from './problem';

interface Options {
  /** How many run at the same time. */
  concurrent: number;
  /** How many wait for their turn. */
  waiting: number;
  /** What a refused caller is asked to wait. */
  retryAfterSeconds: number;
  /** How long a place stays empty after its work, in durations of that work: 1 keeps it busy half of the time. */
  rest?: number;
  /** Who waits longer is refused; default: no limit. */
  maxWaitSeconds?: number;
}

export class ConcurrencyLimit {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly options: Options) {}

  /**
   * The result of `work`, in the order of the calls.
   * @throws Problem `too-many-requests` when the queue is full, or after the longest wait
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.options.concurrent) this.running++;
    else await this.turn();
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      const restMs = (performance.now() - startedAt) * (this.options.rest ?? 0);
      if (restMs > 0) setTimeout(() => this.passOn(), restMs).unref();
      else this.passOn();
    }
  }

  private passOn(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.running--;
  }

  private turn(): Promise<void> {
    const { waiting, maxWaitSeconds } = this.options;
    if (this.queue.length >= waiting) throw this.refusal();
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      if (maxWaitSeconds !== undefined)
        timer = setTimeout(() => {
          this.queue.splice(this.queue.indexOf(begin), 1);
          reject(this.refusal());
        }, maxWaitSeconds * 1000);
      this.queue.push(begin);
    });
  }

  private refusal(): Problem {
    const { retryAfterSeconds } = this.options;
    return new Problem('too-many-requests', 'Too many requests of this kind are being processed: retry.', {
      retryAfterSeconds,
    });
  }
}

/** One limit for each key, such as a customer: who sends much waits for itself only. */
export class KeyedConcurrencyLimit {
  /** Those with work, and how much that is. */
  private readonly limits = new Map<string, { limit: ConcurrencyLimit; users: number }>();

  constructor(private readonly options: Options) {}

  /** The result of `work`, in the order of the calls with this key. @throws as `ConcurrencyLimit.run` */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    let entry = this.limits.get(key);
    if (!entry) this.limits.set(key, (entry = { limit: new ConcurrencyLimit(this.options), users: 0 }));
    entry.users++;
    try {
      return await entry.limit.run(work);
    } finally {
      entry.users--;
      if (entry.users === 0) this.limits.delete(key);
    }
  }

  /** How many keys have work. */
  get size(): number {
    return this.limits.size;
  }
}
