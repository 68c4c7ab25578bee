/** The time that a recording covers; what happened outside belongs to other parts of the session. */

export interface RecordedSpan {
  /** Milliseconds since 1970. */
  readonly start: number;
  /** Not before `start`; of a live recording, now. */
  readonly end: number;
}

/** Seconds from the start of the recording, with milliseconds. */
export function positionSeconds({ start }: RecordedSpan, milliseconds: number): number {
  return Math.max(0, milliseconds - start) / 1000;
}

/** Whether an instant is within the recording, both ends included. */
export function isWithin({ start, end }: RecordedSpan, milliseconds: number): boolean {
  return milliseconds >= start && milliseconds <= end;
}
