/** The time in which a request is answered, whatever hangs behind it. */
import { Problem } from '../problem';

const RETRY_AFTER_SECONDS = 5;

export class Deadline {
  private readonly controller = new AbortController();
  private readonly startedAt = performance.now();
  private readonly over: Promise<never>;
  private timer: NodeJS.Timeout | undefined;

  constructor(private seconds: number) {
    this.over = new Promise((_, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason as Problem), { once: true });
    });
    // It is waited for in `within` only.
    this.over.catch(() => undefined);
    this.arm();
  }

  /** Aborted when the time is over; its reason is the Problem that the caller is answered with. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Makes the deadline so much later, for a wait that was asked for. */
  extend(seconds: number): void {
    if (seconds <= 0 || this.signal.aborted) return;
    this.seconds += seconds;
    this.arm();
  }

  /**
   * What `work` comes to, if it comes in time. Work that does not goes on.
   * @throws Problem `unavailable` at the deadline
   */
  async within<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.over]);
    } finally {
      clearTimeout(this.timer);
    }
  }

  private arm(): void {
    clearTimeout(this.timer);
    const left = this.startedAt + this.seconds * 1000 - performance.now();
    this.timer = setTimeout(() => this.controller.abort(tooLate()), left);
  }
}

function tooLate(): Problem {
  return new Problem(
    'unavailable',
    'The request was not completed in time and may still be: read what it was to change before you repeat it, or repeat it with the same Idempotency-Key.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}
