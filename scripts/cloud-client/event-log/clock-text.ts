/** Reads the time stamps that writers of event logs use. */
import { type ClockReading } from './log-record';

/** Year first, as almost everybody writes it; `UTC` or `GMT` for `Z`. */
const YEAR_FIRST =
  /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})[T ](\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/i;
/** Year last, with the separator that says which part is the day, or a half of the day that only Americans write. */
const YEAR_LAST =
  /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}),?[T ](\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:\s*(AM|PM))?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/i;
/** As WMI writes it: offset in minutes. */
const WMI = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([+-]\d{3})$/;
/** As PowerShell 5 serialises a date: milliseconds since 1970 in UTC, whatever offset follows. */
const SERIALISED = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;
/** Seconds since 1970, perhaps with a fraction, or milliseconds; of the years 2001 to 2286. */
const UNIX_SECONDS = /^\d{10}(?:\.\d{1,9})?$/;
const UNIX_MILLISECONDS = /^\d{13}(?:\.\d{1,6})?$/;

/** Parses a time stamp; undefined when it is none, or does not say which part is the month. */
export function parseClock(value: unknown): ClockReading | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return (
    sinceUnixEpoch(text) ??
    readSerialised(SERIALISED.exec(text)) ??
    readYearFirst(YEAR_FIRST.exec(text)) ??
    readYearLast(YEAR_LAST.exec(text)) ??
    readWmi(WMI.exec(text))
  );
}

/** Parses a time stamp that is UTC by definition, whether it says so or not. */
export function parseUtc(value: unknown): number | undefined {
  return parseClock(value)?.milliseconds;
}

/** Milliseconds since 1970 of a count of seconds or milliseconds. */
function sinceUnixEpoch(text: string): ClockReading | undefined {
  if (UNIX_SECONDS.test(text)) return reading(Math.floor(Number(text) * 1000), 'absolute');
  return UNIX_MILLISECONDS.test(text) ? reading(Math.floor(Number(text)), 'absolute') : undefined;
}

type Match = RegExpExecArray | null;

function readSerialised(match: Match): ClockReading | undefined {
  return match ? reading(Number(match[1]), 'absolute') : undefined;
}

function readYearFirst(match: Match): ClockReading | undefined {
  if (!match) return undefined;
  const [, year, , month, day, hour, minute, second, fraction, zone] = match;
  return calendar({ year, month, day, hour, minute, second, fraction }, zone);
}

function readYearLast(match: Match): ClockReading | undefined {
  if (!match) return undefined;
  const [, first = '', separator, second = '', year, hour, minute, seconds, fraction, half, zone] = match;
  // 3/4 is April or March: without a sign of who wrote it, no guess is made.
  const isDayFirst = separator === '.' || Number(first) > 12;
  if (!isDayFirst && half === undefined && Number(second) <= 12 && first !== second) return undefined;
  const [day, month] = isDayFirst ? [first, second] : [second, first];
  const parts = { year, month, day, hour: hourOfDay(hour, half), minute, second: seconds, fraction };
  return calendar(parts, zone);
}

/** 12 AM is midnight, 12 PM noon; undefined for an hour that no clock of twelve shows. */
function hourOfDay(hour: string | undefined, half: string | undefined): string | undefined {
  if (half === undefined) return hour;
  if (Number(hour) < 1 || Number(hour) > 12) return undefined;
  return String((Number(hour) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0));
}

function readWmi(match: Match): ClockReading | undefined {
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const local = calendar({ year, month, day, hour, minute, second, fraction }, undefined);
  return local && Math.abs(Number(offset)) <= 14 * 60
    ? reading(local.milliseconds - Number(offset) * 60_000, 'absolute')
    : undefined;
}

type CalendarPart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction';

function calendar(
  parts: Readonly<Record<CalendarPart, string | undefined>>,
  zone: string | undefined,
): ClockReading | undefined {
  const { year, month, day, hour, minute, second, fraction } = parts;
  const numbers = [year, month, day, hour, minute, second].map(Number);
  const [y = NaN, m = NaN, ...rest] = numbers;
  const whole = new Date(Date.UTC(y, m - 1, ...rest));
  // A thirteenth month or a sixtieth minute is no time: `Date` would carry it over.
  if (partsOf(whole).some((part, index) => part !== numbers[index])) return undefined;
  const milliseconds = whole.getTime() + Math.trunc(Number(`0.${fraction ?? '0'}`) * 1000);
  if (zone === undefined) return reading(milliseconds, 'local');
  if (/^[a-z]/i.test(zone)) return reading(milliseconds, 'labelled-utc');
  const offset = offsetMs(zone);
  return offset === undefined ? undefined : reading(milliseconds - offset, 'absolute');
}

function partsOf(date: Date): number[] {
  return [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
}

/** Years that JavaScript dates and RFC 3339 both can write. */
function reading(milliseconds: number, zone: ClockReading['zone']): ClockReading | undefined {
  const year = new Date(milliseconds).getUTCFullYear();
  return year >= 1601 && year <= 9999 ? { milliseconds, zone } : undefined;
}

/** Undefined when no zone of the world has this offset. */
function offsetMs(zone: string): number | undefined {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
