/** The periods of a search by name, as days of a time zone. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { TimeRange } from './time-windows';

/** The days of each, today included; `all` has no limit. */
const DAYS = { today: 1, last7Days: 7, last30Days: 30, last90Days: 90, all: undefined } as const;

export const PERIODS = [
  'today',
  'last7Days',
  'last30Days',
  'last90Days',
  'all',
] as const satisfies readonly (keyof typeof DAYS)[];
export type Period = (typeof PERIODS)[number];

/** From the beginning of the first of its days on. */
export function rangeOfPeriod(period: Period, timeZone: string, now: Date): TimeRange {
  const days = DAYS[period];
  if (days === undefined) return {};
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone);
  const first = today
    .startOfDay()
    .subtract({ days: days - 1 })
    .startOfDay();
  return { from: new Date(first.epochMilliseconds).toISOString() };
}
