/** When a record's event happened, in UTC, learning each machine's offset from records that carry both clocks. */
import { type ClockReading, type RecordTimes } from './log-record';

const QUARTER_HOUR_MS = 15 * 60 * 1000;
/** The log receives a record up to this long after the event's own time; later ones are not learned from. */
const MAX_LOGGING_DELAY_MS = 2 * 60 * 1000;
/** An offset in fewer than one in this many records of a quarter of an hour is taken for a faulty record. */
const RARE = 10;
/** The same, for all records of a machine. */
const VERY_RARE = 200;
/** No zone is farther from UTC; half a day more for exporters that write a 12-hour clock without saying which half. */
const MAX_OFFSET_MS = 26 * 60 * 60 * 1000;

const STAMP = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/i;
/** As PowerShell 5 serialises a date: milliseconds since 1970 in UTC, whatever offset follows. */
const SERIALISED = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

/** Parses a timestamp; undefined when it is not one. */
export function parseClock(value: unknown): ClockReading | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const serialised = SERIALISED.exec(text);
  if (serialised) return reading(Number(serialised[1]), 'absolute');
  const match = STAMP.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match;
  const milliseconds =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) +
    Math.trunc(Number(`0.${fraction || '0'}`) * 1000);
  if (new Date(milliseconds).getUTCDate() !== Number(day) || Number(hour) > 23) return undefined;
  if (zone === undefined) return reading(milliseconds, 'local');
  if (zone.toUpperCase() === 'Z') return reading(milliseconds, 'labelled-utc');
  return reading(milliseconds - offsetMs(zone), 'absolute');
}

/** Parses a timestamp that is UTC by definition, whether it says so or not. */
export function parseUtc(value: unknown): number | undefined {
  return parseClock(value)?.milliseconds;
}

/** Years that JavaScript dates and RFC 3339 both can write. */
function reading(milliseconds: number, zone: ClockReading['zone']): ClockReading | undefined {
  const year = new Date(milliseconds).getUTCFullYear();
  return year >= 1601 && year <= 9999 ? { milliseconds, zone } : undefined;
}

function offsetMs(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

interface Sample {
  readonly offsetMs: number;
  /** Where in the input this offset held within the quarter of an hour. */
  firstSequence: number;
  lastSequence: number;
  count: number;
}

/** What one machine's clock showed. */
class MachineClock {
  /** By the quarter of an hour that the clock showed. */
  readonly quarters = new Map<number, Sample[]>();
  /** How many records showed each offset. */
  readonly counts = new Map<number, number>();
  /** The quarters in order, until there is a new one. */
  sorted: number[] | undefined;
}

/**
 * The clocks of the machines: how far each machine's log runs from UTC, at which reading of its clock.
 * One entry per machine and quarter of an hour of log.
 */
export class MachineClocks {
  private readonly machines = new Map<string, MachineClock>();

  /** Learns from a record that carries both clocks. `sequence` is its position in the input. */
  learn(host: string, times: RecordTimes, sequence: number): void {
    const { utc, logged } = times;
    if (utc === undefined || logged === undefined || logged.zone === 'absolute') return;
    const offset = Math.round((utc - logged.milliseconds) / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
    const delay = Math.abs(logged.milliseconds + offset - utc);
    if (delay > MAX_LOGGING_DELAY_MS || Math.abs(offset) > MAX_OFFSET_MS) return;
    const clock = this.machines.get(host) ?? new MachineClock();
    this.machines.set(host, clock);
    clock.counts.set(offset, (clock.counts.get(offset) ?? 0) + 1);
    addSample(clock, Math.floor(logged.milliseconds / QUARTER_HOUR_MS), offset, sequence);
  }

  /**
   * The time of an event: Sysmon's `UtcTime`, else the log's own time converted to UTC by the learned offset of the machine,
   * else the record's timestamp. A reading labelled UTC is kept until the machine is known to label local time that way.
   * Undefined when the record has no time.
   */
  resolve(host: string, times: RecordTimes, sequence: number): number | undefined {
    const { utc, logged, stamped } = times;
    if (utc !== undefined) return utc;
    if (logged === undefined || logged.zone === 'absolute') return logged?.milliseconds ?? stamped;
    const offset = this.offsetAt(host, logged.milliseconds, sequence);
    if (offset !== undefined) return logged.milliseconds + offset;
    return logged.zone === 'labelled-utc' ? logged.milliseconds : (stamped ?? logged.milliseconds);
  }

  private offsetAt(host: string, milliseconds: number, sequence: number): number | undefined {
    const clock = this.machines.get(host);
    if (!clock) return undefined;
    const usual = [...clock.counts].sort(([, left], [, right]) => right - left);
    const [commonest, mostCounted = 0] = usual[0] ?? [];
    const shown = clock.quarters.get(nearestQuarter(clock, Math.floor(milliseconds / QUARTER_HOUR_MS))) ?? [];
    const most = Math.max(...shown.map((sample) => sample.count));
    // Two offsets in one quarter: the hour that daylight saving repeats. The neighbouring records decide which it is.
    const [nearest] = shown
      .filter(
        ({ count, offsetMs: offset }) =>
          count * RARE > most && (clock.counts.get(offset) ?? 0) * VERY_RARE > mostCounted,
      )
      .sort((left, right) => distance(left, sequence) - distance(right, sequence));
    return nearest?.offsetMs ?? commonest;
  }
}

function addSample(clock: MachineClock, quarter: number, offset: number, sequence: number): void {
  const known = clock.quarters.get(quarter);
  const same = known?.find((sample) => sample.offsetMs === offset);
  if (same) {
    same.firstSequence = Math.min(same.firstSequence, sequence);
    same.lastSequence = Math.max(same.lastSequence, sequence);
    same.count += 1;
    return;
  }
  const sample = { offsetMs: offset, firstSequence: sequence, lastSequence: sequence, count: 1 };
  clock.quarters.set(quarter, [...(known ?? []), sample]);
  if (!known) clock.sorted = undefined;
}

function nearestQuarter(clock: MachineClock, wanted: number): number {
  if (clock.quarters.has(wanted)) return wanted;
  const quarters = (clock.sorted ??= [...clock.quarters.keys()].sort((left, right) => left - right));
  let low = 0;
  let high = quarters.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((quarters[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const after = quarters[low] ?? Infinity;
  const before = quarters[low - 1] ?? -Infinity;
  return wanted - before <= after - wanted ? before : after;
}

/** Distance of a position in the input from where an offset was valid. */
function distance(sample: Sample, sequence: number): number {
  return Math.max(sample.firstSequence - sequence, sequence - sample.lastSequence, 0);
}
