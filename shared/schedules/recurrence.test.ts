/** Recurrence against an oracle that reads the clocks of a zone minute by minute, across daylight saving and stranger things. */
import fc from 'fast-check';
import { nextDue, type Recurrence } from './recurrence';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/Dublin',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe', // Clocks move by half an hour.
  'Asia/Kathmandu', // 5 h 45 min ahead.
  'Asia/Beirut', // Gap at midnight.
  'Africa/Casablanca', // Clocks go back for Ramadan.
  'Pacific/Apia', // Skipped 30 December 2011.
  'Antarctica/Troll', // Clocks move by two hours.
];

const formats = new Map<string, Intl.DateTimeFormat>();
/** `2011-12-30T04:05` as the clocks of the zone show it. */
function clockTime(timeZone: string, instant: number): string {
  let format = formats.get(timeZone);
  if (!format) {
    const digits = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    } as const;
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, ...digits, hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  return format.format(instant).replace(' ', 'T');
}

/** The first instant at which the clocks show this local time or a later one. */
function oracle(timeZone: string, local: string): number {
  const asUtc = Date.parse(`${local}:00Z`);
  let hour = asUtc - 16 * HOUR;
  while (clockTime(timeZone, hour) < local) hour += HOUR;
  for (let minute = hour - 2 * HOUR; ; minute += MINUTE)
    if (clockTime(timeZone, minute) >= local) return minute;
}

const zone = fc.constantFrom(...ZONES);
const at = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const instant = fc
  .integer({ min: Date.UTC(2008), max: Date.UTC(2032) })
  .map((milliseconds) => new Date(milliseconds));
const localDate = (timeZone: string, time: number) => clockTime(timeZone, time).slice(0, 10);

/** Days on which the clocks of some zone do something strange. */
const strange = fc
  .constantFrom(
    ...[
      '2011-12-29',
      '2024-03-31',
      '2024-10-27',
      '2024-03-10',
      '2024-11-03',
      '2024-04-07',
      '2024-10-06',
      '2024-03-11',
    ],
  )
  .chain((day) =>
    fc.integer({ min: -DAY, max: 2 * DAY }).map((offset) => new Date(Date.parse(day) + offset)),
  );

it('is due at the first instant of its local time, or after the gap that skips it', () => {
  fc.assert(
    fc.property(zone, at, fc.oneof(instant, strange), (timeZone, time, after) => {
      const due = nextDue({ every: 'day', at: time, timeZone }, after).getTime();
      const candidates = [-1, 0, 1, 2]
        .map((days) => new Date(Date.parse(localDate(timeZone, after.getTime())) + days * DAY))
        .map((day) => oracle(timeZone, `${day.toISOString().slice(0, 10)}T${time}`));
      expect(due).toBe(Math.min(...candidates.filter((candidate) => candidate > after.getTime())));
    }),
    { numRuns: 200 },
  );
});

it('comes once on each day that the calendar of the zone has', () => {
  fc.assert(
    fc.property(zone, at, fc.oneof(instant, strange), (timeZone, time, start) => {
      let due = nextDue({ every: 'day', at: time, timeZone }, start);
      for (let day = 0; day < 10; day++) {
        const next = nextDue({ every: 'day', at: time, timeZone }, due);
        const days =
          (Date.parse(localDate(timeZone, next.getTime())) - Date.parse(localDate(timeZone, due.getTime()))) /
          DAY;
        // Of Samoa's missing day the time after the gap lies on the next one, which has its own as well.
        expect(timeZone === 'Pacific/Apia' ? [0, 1, 2] : [1]).toContain(days);
        due = next;
      }
    }),
  );
});

it('of a week is due on its weekday alone, once a week', () => {
  const weekday = fc.constantFrom(1, 2, 3, 4, 5, 6, 7);
  fc.assert(
    fc.property(zone, at, weekday, instant, (timeZone, time, day, after) => {
      fc.pre(timeZone !== 'Pacific/Apia');
      const recurrence: Recurrence = { every: 'week', weekday: day, at: time, timeZone };
      const due = nextDue(recurrence, after);
      const date = localDate(timeZone, due.getTime());
      expect(new Date(date).getUTCDay() % 7).toBe(day % 7);
      expect(due.getTime() - after.getTime()).toBeLessThanOrEqual(7 * DAY + 2 * HOUR);
      const next = localDate(timeZone, nextDue(recurrence, due).getTime());
      expect(Date.parse(next) - Date.parse(date)).toBe(7 * DAY);
    }),
  );
});

it('of minutes is due at their multiples', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_440 }), instant, (minutes, after) => {
      const due = nextDue({ every: 'minutes', minutes }, after).getTime();
      expect(due % (minutes * MINUTE)).toBe(0);
      expect(due - after.getTime()).toBeGreaterThan(0);
      expect(due - after.getTime()).toBeLessThanOrEqual(minutes * MINUTE);
    }),
  );
});

it.each([
  ['the gap of spring', 'Europe/Berlin', '02:30', '2026-03-28T12:00Z', '2026-03-29T01:00Z'],
  ['the first of two in autumn', 'Europe/Berlin', '02:30', '2026-10-24T12:00Z', '2026-10-25T00:30Z'],
  ['not the second of two', 'Europe/Berlin', '02:30', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
  ['a gap in New York', 'America/New_York', '02:00', '2026-03-08T00:00Z', '2026-03-08T07:00Z'],
  ['a gap of half an hour', 'Australia/Lord_Howe', '02:15', '2026-10-03T00:00Z', '2026-10-03T15:30Z'],
  ['a zone with minutes', 'Asia/Kathmandu', '04:00', '2026-06-01T00:00Z', '2026-06-01T22:15Z'],
  ['a day that was skipped', 'Pacific/Apia', '04:00', '2011-12-29T15:00Z', '2011-12-30T10:00Z'],
  ['the day after that', 'Pacific/Apia', '04:00', '2011-12-30T10:00Z', '2011-12-30T14:00Z'],
])('resolves %s (%s %s after %s)', (_what, timeZone, time, after, due) => {
  expect(nextDue({ every: 'day', at: time, timeZone }, new Date(after))).toEqual(new Date(due));
});

it('of a weekday that was skipped is due when the gap is over', () => {
  // 30 December 2011 would have been a Friday.
  const friday: Recurrence = { every: 'week', weekday: 5, at: '04:00', timeZone: 'Pacific/Apia' };
  expect(nextDue(friday, new Date('2011-12-29T15:00Z'))).toEqual(new Date('2011-12-30T10:00Z'));
  expect(nextDue(friday, new Date('2011-12-30T10:00Z'))).toEqual(new Date('2012-01-05T14:00Z'));
});

it('refuses zones and times that are none', () => {
  const after = new Date('2026-01-01T00:00Z');
  expect(() => nextDue({ every: 'day', at: '04:00', timeZone: 'Mars/Olympus' }, after)).toThrow(RangeError);
  expect(() => nextDue({ every: 'day', at: '25:00', timeZone: 'UTC' }, after)).toThrow(RangeError);
});
