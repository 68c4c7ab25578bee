/** How often an empty queue is looked at: soon after something happened, ever more seldom while nothing does. */

/** The real host's shortest interval. */
const MIN_DELAY_MS = 100;
/** Locally nobody waits longer than this for a message; the real host goes up to `maxPollingInterval`. */
const MAX_DELAY_MS = 1000;
/** A queue that stays empty is not looked at more often than this, however much the host is doing otherwise. */
const MIN_WOKEN_DELAY_MS = 250;

export class PollBackoff {
  private delayMs = MIN_DELAY_MS;
  private pausedAtMs = 0;
  private dueAtMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private resume: () => void = () => undefined;
  private stopped = false;

  constructor(private readonly maxPollingIntervalMs: number) {}

  /** Waits until it is time to look again; each pause is twice as long as the one before. */
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

  /** There was something: the next pause is the shortest again. */
  reset(): void {
    this.delayMs = MIN_DELAY_MS;
  }

  /** There may be something: cuts the present pause, and those that follow, short. */
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
