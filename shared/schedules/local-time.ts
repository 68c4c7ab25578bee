/** Times of day in one time zone as another one has them. Pure. */
import { Temporal } from 'temporal-polyfill';

/**
 * A time of day of one zone in another zone, as it is on the day of `now` in the first one.
 * @param time `HH:MM`; one that the clocks skip that day counts from before the gap
 */
export function localTimeIn(
  time: string,
  { from, to, now }: { from: string; to: string; now: Date },
): string {
  const day = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(from).toPlainDate();
  const instant = day.toZonedDateTime({ timeZone: from, plainTime: Temporal.PlainTime.from(time) });
  return instant.withTimeZone(to).toPlainTime().toString({ smallestUnit: 'minute' });
}
