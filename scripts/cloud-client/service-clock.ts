/** The time as the service has it, measured from the Date headers of its answers: this machine's clock may be wrong. */

/** A smaller difference may as well be latency, or the whole seconds of the header. */
const TOLERANCE_MS = 2_000;
const MEASUREMENTS = 3;

export class ServiceClock {
  private measured: number[] = [];

  /** @param now this machine's clock, in milliseconds since 1970 */
  constructor(readonly now: () => number = Date.now) {}

  /** Takes the Date header of an answer that has just arrived; anything that is no date is ignored. */
  measure(dateHeader: string | undefined): void {
    const sentAt = Date.parse(dateHeader ?? '');
    if (Number.isNaN(sentAt)) return;
    // The header has whole seconds: on average the service's clock was half a second further.
    this.measured = [...this.measured, sentAt + 500 - this.now()].slice(-MEASUREMENTS);
  }

  /** What to add to this machine's clock, in milliseconds: the middle of the last measurements, 0 within 2 seconds. */
  get offsetMilliseconds(): number {
    const sorted = this.measured.toSorted((a, b) => a - b);
    const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
    return Math.abs(middle) < TOLERANCE_MS ? 0 : middle;
  }

  /** The service's time, in milliseconds since 1970: expiries that it names are compared with this. */
  serviceNow(): number {
    return this.now() + this.offsetMilliseconds;
  }
}
