/** Timestamps of records, before the offset of the machine's clock from UTC is known. */
import { type RecordTimes } from './log-record';

export interface Timestamp {
  readonly times: RecordTimes;
  /** Position in the input. */
  readonly sequence: number;
}

/** Milliseconds since 1970, UTC. */
export type TimeOf = (timestamp: Timestamp) => number;

/** What a record's best clock shows, and which clock that is; comparable with readings of the same clock. */
export function rawReading({ times }: Timestamp): {
  clock: 'utc' | 'logged' | 'stamped';
  milliseconds: number;
} {
  const { utc, logged, stamped } = times;
  if (utc !== undefined) return { clock: 'utc', milliseconds: utc };
  if (logged !== undefined) return { clock: 'logged', milliseconds: logged.milliseconds };
  return { clock: 'stamped', milliseconds: stamped ?? 0 };
}
