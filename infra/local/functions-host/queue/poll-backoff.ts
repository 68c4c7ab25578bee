/** The polling interval of an empty queue: short after activity, growing while there is none. */

/** The real host's minimum interval. */
const MIN_DELAY_MS = 100;
/** The local maximum; the real host goes up to `maxPollingInterval`. */
const MAX_DELAY_MS = 1000;
/** An empty queue is not polled more often than this, however busy the host is. */
const MIN_WOKEN_DELAY_MS = 250;

export class PollBackoff {
  private delayMs = MIN_DELAY_MS;
  private pausedAtMs = 0;
  private dueAtMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private resume: () => void = () => undefined;
  private stopped = false;

  constructor(private readonly maxPollingIntervalMs: number) {}

  /** Waits until the next poll; each pause is twice as long as the one before. */
  async pause(): Promise<void> {
    if (this.stopped) return;
    this.pausedAtMs = Date.now();
    const paused = new Promise<void>((resolve) => (this.resume = resolve));
    this.resumeAt(this.pausedAtMs + this.delayMs);
    this.delayMs = Math.min(
      this.delayMs * 2,
      MAX_DELAY_MS,
      Math.max(MIN_DELAY_MS, this.maxPollingIntervalMs),
    );
    await paused;
  }

  /** A message was received: the next pause is the minimum again. */
  reset(): void {
    this.delayMs = MIN_DELAY_MS;
  }

  /** There may be a message: shortens the present pause and those that follow. */
  wake(): void {
    this.delayMs = Math.min(this.delayMs, MIN_WOKEN_DELAY_MS);
    if (!this.stopped) this.resumeAt(Math.min(this.dueAtMs, this.pausedAtMs + MIN_WOKEN_DELAY_MS));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.resume();
  }

  private resumeAt(timeMs: number): void {
    clearTimeout(this.timer);
    this.dueAtMs = timeMs;
    this.timer = setTimeout(this.resume, Math.max(0, timeMs - Date.now()));
  }
}
