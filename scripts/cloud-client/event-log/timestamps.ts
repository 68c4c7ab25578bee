/** Timestamps of records, before the offset of the machine's clock from UTC is known. */
import { type RecordTimes } from './log-record';

export interface Timestamp {
  readonly times: RecordTimes;
  /** Position in the input. */
  readonly sequence: number;
}

/** Milliseconds since 1970, UTC. */
export type TimeOf = (timestamp: Timestamp) => number;

/** The first or the last of several timestamps of one machine, kept per clock that its records carry. */
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

  /** Its time; infinite when none was noted. */
  resolve(timeOf: TimeOf): number {
    const times = [...this.byClock.values()].map(({ timestamp }) => timeOf(timestamp));
    return this.which === 'first' ? Math.min(...times) : Math.max(...times);
  }
}
