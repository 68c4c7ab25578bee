/** Six-field NCRONTAB schedules ({second} {minute} {hour} {day} {month} {day-of-week}) of timer triggers, in UTC. */

interface FieldRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const RANGES: readonly FieldRange[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of week', min: 0, max: 6, names: DAYS },
];

/** A schedule without a match in this time never occurs: 29 February may be eight years away. */
const HORIZON_DAYS = 366 * 9;

export class Ncrontab {
  private constructor(
    private readonly seconds: ReadonlySet<number>,
    private readonly minutes: ReadonlySet<number>,
    private readonly hours: ReadonlySet<number>,
    private readonly days: ReadonlySet<number>,
    private readonly months: ReadonlySet<number>,
    private readonly daysOfWeek: ReadonlySet<number>,
  ) {}

  /** Takes six fields, or five (seconds are 0 then). Throws with the field that is wrong. */
  static parse(expression: string): Ncrontab {
    const fields = expression.trim().split(/\s+/);
    if (fields.length === 5) fields.unshift('0');
    if (fields.length !== 6)
      throw new Error(`'${expression}' is no NCRONTAB expression: it needs six fields`);
    const [second, minute, hour, day, month, dayOfWeek] = RANGES.map((range, index) =>
      parseField(fields[index] ?? '', range, expression),
    );
    if (!second || !minute || !hour || !day || !month || !dayOfWeek)
      throw new Error(`'${expression}' lacks a field`);
    return new Ncrontab(second, minute, hour, day, month, dayOfWeek);
  }

  /** The first occurrence after `after` (exclusive), or undefined when there is none, as on 30 February. */
  next(after: Date): Date | undefined {
    const start = new Date(after);
    start.setUTCMilliseconds(0);
    start.setUTCSeconds(start.getUTCSeconds() + 1);
    const midnight = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()));
    for (let offset = 0; offset <= HORIZON_DAYS; offset += 1) {
      const day = new Date(midnight.getTime() + offset * 86_400_000);
      if (!this.runsOn(day)) continue;
      const time = this.firstTime(offset === 0 ? secondOfDay(start) : 0);
      if (time !== undefined) return new Date(day.getTime() + time * 1000);
    }
    return undefined;
  }

  /** Unlike in Unix cron, day of month AND day of week must both fit. */
  private runsOn(day: Date): boolean {
    return (
      this.months.has(day.getUTCMonth() + 1) &&
      this.days.has(day.getUTCDate()) &&
      this.daysOfWeek.has(day.getUTCDay())
    );
  }

  /** The first second of a day, from `from` on, that fits. */
  private firstTime(from: number): number | undefined {
    for (let hour = Math.floor(from / 3600); hour < 24; hour += 1) {
      if (!this.hours.has(hour)) continue;
      for (let minute = minuteToStart(from, hour); minute < 60; minute += 1) {
        if (!this.minutes.has(minute)) continue;
        const base = hour * 3600 + minute * 60;
        for (let second = Math.max(0, from - base); second < 60; second += 1) {
          if (this.seconds.has(second)) return base + second;
        }
      }
    }
    return undefined;
  }
}

function secondOfDay(time: Date): number {
  return time.getUTCHours() * 3600 + time.getUTCMinutes() * 60 + time.getUTCSeconds();
}

function minuteToStart(from: number, hour: number): number {
  return Math.max(0, Math.floor((from - hour * 3600) / 60));
}

/** A list of `*`, `n`, `n-m`, each with an optional `/step`; names of months and days may be shortened to three letters. */
function parseField(text: string, range: FieldRange, expression: string): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [, first = '', last, step] = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const low = first === '*' ? range.min : parseValue(first, range);
    const high =
      last !== undefined ? parseValue(last, range) : first === '*' || step !== undefined ? range.max : low;
    const increment = Number(step ?? 1);
    if (
      low === undefined ||
      high === undefined ||
      low > high ||
      increment < 1 ||
      (first === '*' && last !== undefined)
    ) {
      throw new Error(`'${expression}' is no NCRONTAB expression: '${part}' is no valid ${range.name}`);
    }
    for (let value = low; value <= high; value += increment) values.add(value);
  }
  return values;
}

function parseValue(text: string, { min, max, names }: FieldRange): number | undefined {
  const lower = text.toLowerCase();
  const named = lower.length >= 3 ? (names?.findIndex((name) => name.startsWith(lower)) ?? -1) : -1;
  if (named >= 0) return named + min;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
