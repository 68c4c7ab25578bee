/** The deadline of a request, kept even when a dependency hangs. */
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

  /** Aborted at the deadline; its reason is the Problem of the response. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Extends the deadline, for a wait that the caller requested. */
  extend(seconds: number): void {
    if (seconds <= 0 || this.signal.aborted) return;
    this.seconds += seconds;
    this.arm();
  }

  /**
   * The result of `work`, if it completes in time; otherwise the work continues in the background.
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
    'The request was not completed in time and may still complete: check the resource before repeating it, or repeat ' +
      'it with the same Idempotency-Key.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}
