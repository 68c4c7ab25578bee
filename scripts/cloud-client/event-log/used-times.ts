/** When the records happened that tell of sessions: the others do not decide when a log ends. */
import { mainSpan, type MainSpan } from './main-span';
import { rawReading, type Timestamp } from './timestamps';

/** Records within this time are kept together. */
const COLLECTED_MS = 60 * 60 * 1000;

interface Collected {
  readonly host: string;
  first: Timestamp;
  last: Timestamp;
  count: number;
}

export class UsedTimes {
  /** By machine, clock and hour. */
  private readonly collected = new Map<string, Collected>();

  note(host: string, timestamp: Timestamp): void {
    const { clock, milliseconds } = rawReading(timestamp);
    const key = `${host} ${clock} ${Math.floor(milliseconds / COLLECTED_MS)}`;
    const known = this.collected.get(key);
    if (!known) {
      this.collected.set(key, { host, first: timestamp, last: timestamp, count: 1 });
      return;
    }
    known.count += 1;
    if (milliseconds < rawReading(known.first).milliseconds) known.first = timestamp;
    if (milliseconds > rawReading(known.last).milliseconds) known.last = timestamp;
  }

  /** When they happened; undefined when there are none. */
  span(timeOf: (host: string, timestamp: Timestamp) => number): MainSpan | undefined {
    return mainSpan(
      [...this.collected.values()].map(({ host, first, last, count }) => ({
        first: timeOf(host, first),
        last: timeOf(host, last),
        count,
      })),
    );
  }
}
