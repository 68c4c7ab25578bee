/** When something recurs: pure, by the rules of the time zone on the day in question. */
import { Temporal } from 'temporal-polyfill';

/** Daily and weekly ones are at a local time (`HH:MM`) in an IANA time zone; `weekday` is 1 (Monday) to 7. */
export type Recurrence =
  | { every: 'minutes'; minutes: number }
  | { every: 'day'; at: string; timeZone: string }
  | { every: 'week'; weekday: 1 | 2 | 3 | 4 | 5 | 6 | 7; at: string; timeZone: string };

const MINUTE_MILLISECONDS = 60_000;

/**
 * The first instant after `after`. A local time that the clocks skip that day is replaced by the first one after the gap;
 * of one that comes twice, the first counts.
 * @throws RangeError for an unknown time zone or a malformed time
 */
export function nextDue(recurrence: Recurrence, after: Date): Date {
  if (recurrence.every === 'minutes') {
    const intervalMs = recurrence.minutes * MINUTE_MILLISECONDS;
    return new Date((Math.floor(after.getTime() / intervalMs) + 1) * intervalMs);
  }
  const { timeZone, at } = recurrence;
  const time = Temporal.PlainTime.from(at);
  const today = Temporal.Instant.fromEpochMilliseconds(after.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  // A whole day may be skipped (Samoa, 2011): what was due on the day before can lie after `after`.
  let date = today.subtract({ days: 1 });
  for (;;) {
    if (recurrence.every === 'day' || date.dayOfWeek === recurrence.weekday) {
      const instant = instantOf(date, time, timeZone);
      if (instant.epochMilliseconds > after.getTime()) return new Date(instant.epochMilliseconds);
    }
    date = date.add({ days: 1 });
  }
}

/** The instant of a local time on a day, by the same rules as `nextDue`. */
export function instantOf(
  date: Temporal.PlainDate,
  time: Temporal.PlainTime,
  timeZone: string,
): Temporal.Instant {
  const local = date.toPlainDateTime(time);
  const first = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (first.toPlainDateTime().equals(local)) return first.toInstant();
  // In a gap `earlier` reads the clocks as they went before it: what ends that time is the gap.
  return (first.getTimeZoneTransition('next') ?? first).toInstant();
}
