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
}

export class ConcurrencyLimit {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly options: Options) {}

  /** The result of `work`, in the order of the calls. @throws Problem `too-many-requests` when the queue is full */
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
    const { waiting, retryAfterSeconds } = this.options;
    if (this.queue.length >= waiting) {
      throw new Problem('too-many-requests', 'Too many requests of this kind are being processed: retry.', {
        retryAfterSeconds,
      });
    }
    return new Promise((resolve) => this.queue.push(resolve));
  }
}
