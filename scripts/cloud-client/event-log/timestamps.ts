/** Moments that records tell, before it is known how far the machine's clock runs from UTC. */
import { type RecordTimes } from './log-record';

export interface Timestamp {
  readonly times: RecordTimes;
  /** Place in the input. */
  readonly sequence: number;
}

/** Milliseconds since 1970, UTC. */
export type TimeOf = (timestamp: Timestamp) => number;

/** The first or the last of some moments of one machine: one for each of the clocks that its records tell. */
export class ExtremeTimestamp {
  private readonly byClock = new Map<
    'utc' | 'logged' | 'stamped',
    { timestamp: Timestamp; reading: number }
  >();

  constructor(private readonly which: 'first' | 'last') {}

  note(timestamp: Timestamp): void {
    const { utc, logged, stamped } = timestamp.times;
    const clock = utc !== undefined ? 'utc' : logged !== undefined ? 'logged' : 'stamped';
    const reading = utc ?? logged?.milliseconds ?? stamped ?? 0;
    const known = this.byClock.get(clock)?.reading;
    if (known === undefined || (this.which === 'first' ? reading < known : reading > known)) {
      this.byClock.set(clock, { timestamp, reading });
    }
  }

  /** Its time; infinitely far when none was noted. */
  resolve(timeOf: TimeOf): number {
    const times = [...this.byClock.values()].map(({ timestamp }) => timeOf(timestamp));
    return this.which === 'first' ? Math.min(...times) : Math.max(...times);
  }
}
