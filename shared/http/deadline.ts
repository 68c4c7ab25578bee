/** The deadline of a request, kept even when a dependency hangs. */
import { Problem } from '../problem';

const RETRY_AFTER_SECONDS = 5;

export class Deadline {
  private readonly startedAt = performance.now();
  private timer: NodeJS.Timeout | undefined;
  /** Set once the deadline has passed. */
  private problem: Problem | undefined;
  private reject: ((problem: Problem) => void) | undefined;
  private release: (() => void) | undefined;
  /** Created when a handler asks for its signal: most do not, and a signal costs more than the timer. */
  private controller: AbortController | undefined;

  constructor(private seconds: number) {
    this.arm();
  }

  get hasPassed(): boolean {
    return this.problem !== undefined;
  }

  /** Aborted at the deadline; its reason is the Problem of the response. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.problem && !this.controller.signal.aborted) this.controller.abort(this.problem);
    return this.controller.signal;
  }

  /** @throws Problem `unavailable` once the deadline has passed */
  check(): void {
    if (this.problem) throw this.problem;
  }

  /** Extends the deadline, for a wait that the caller requested. */
  extend(seconds: number): void {
    if (seconds <= 0 || this.hasPassed) return;
    this.seconds += seconds;
    this.arm();
  }

  /**
   * The result of `work`, if it completes in time; otherwise the work continues in the background.
   * @throws Problem `unavailable` at the deadline
   */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.reject = reject;
      if (this.problem) reject(this.problem);
      work.then(resolve, reject).finally(() => clearTimeout(this.timer));
    });
  }

  /** Resolves when the work has ended, in whatever way, or at the deadline: what goes on then may never end. */
  async untilEndOf(work: Promise<unknown>): Promise<void> {
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    if (this.problem) return;
    await Promise.race([ended, new Promise<void>((resolve) => (this.release = resolve))]);
  }

  private arm(): void {
    clearTimeout(this.timer);
    const left = this.startedAt + this.seconds * 1000 - performance.now();
    this.timer = setTimeout(() => this.pass(), left);
  }

  private pass(): void {
    this.problem = tooLate();
    this.controller?.abort(this.problem);
    this.reject?.(this.problem);
    this.release?.();
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
