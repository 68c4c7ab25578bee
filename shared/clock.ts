/** The time, as a thing that can be handed over, so that code which needs it can be tested. */

export interface Clock {
  /** The present instant. */
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * The nearest instant of the years 1970 to 9999: RFC 3339 can write no later one, UUIDv7 hold no earlier one.
 * Arithmetic with times of a clock that is far off leads outside.
 */
export function withinCalendar(instant: Date): Date {
  return new Date(Math.min(Math.max(instant.getTime(), 0), LATEST));
}
