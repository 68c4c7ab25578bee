/** Reads the times of a record from the values that a writer put them in. */
import { parseClock, parseUtc } from './clock-text';
import { type RecordTimes, textOf } from './log-record';

/** What was written, best first in each list. */
interface WrittenTimes {
  /** Sysmon's `UtcTime`. */
  readonly utc?: unknown;
  /** When the event log received the record. */
  readonly logged?: readonly unknown[];
  /** `@timestamp` and the like. */
  readonly stamped?: readonly unknown[];
}

export function recordTimes({ utc, logged = [], stamped = [] }: WrittenTimes): RecordTimes {
  return {
    utc: parseUtc(utc),
    logged: firstOf(logged.map(parseClock)),
    stamped: firstOf(stamped.map(parseUtc)),
    isWritten: [utc, ...logged, ...stamped].some((value) => textOf(value) !== undefined),
  };
}

/** Whether at least one of the times was understood. */
export function hasTime({ utc, logged, stamped }: RecordTimes): boolean {
  return utc !== undefined || logged !== undefined || stamped !== undefined;
}

function firstOf<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}
