/** The current time as an injectable dependency, so that code which needs it can be tested. */

export interface Clock {
  /** The current instant. */
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * The nearest instant of the years 1970 to 9999: RFC 3339 has no later one, UUIDv7 no earlier one.
 * Arithmetic with times of a wrong clock can leave this range.
 */
export function withinCalendar(instant: Date): Date {
  return new Date(Math.min(Math.max(instant.getTime(), 0), LATEST));
}
