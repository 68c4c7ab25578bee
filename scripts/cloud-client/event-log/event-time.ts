/** When a record's event happened, in UTC, learning each machine's offset from records that tell both clocks. */
import { type ClockReading, type RecordTimes } from './log-record';

const QUARTER_HOUR_MS = 15 * 60 * 1000;
/** The log takes a record up to this long after the event's own time, else the two are not of one event. */
const MAX_LOGGING_DELAY_MS = 5 * 60 * 1000;
/** No zone is farther from UTC; half a day more for exporters that write a 12-hour clock without saying which half. */
const MAX_OFFSET_MS = 26 * 60 * 60 * 1000;

const STAMP = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/i;
/** As PowerShell 5 serialises a date: milliseconds since 1970 in UTC, whatever offset follows. */
const SERIALISED = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

/** Reads a time stamp; undefined when it is none. */
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

/** Reads a time stamp that is UTC by definition, whether it says so or not. */
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
}

/** The offsets of one machine's clock, by the quarter of an hour that the clock showed. */
type Samples = Map<number, Sample[]>;

/**
 * The clocks of the machines: how far each machine's log runs from UTC, at which reading of its clock.
 * One entry per machine and quarter of an hour of log.
 */
export class MachineClocks {
  private readonly machines = new Map<string, Samples>();
  private readonly sortedQuarters = new Map<Samples, number[]>();

  /** Learns from a record that tells both clocks. `sequence` is its place in the input. */
  learn(host: string, times: RecordTimes, sequence: number): void {
    const { utc, logged } = times;
    if (utc === undefined || logged === undefined || logged.zone === 'absolute') return;
    const offset = Math.round((utc - logged.milliseconds) / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
    const delay = Math.abs(logged.milliseconds + offset - utc);
    if (delay > MAX_LOGGING_DELAY_MS || Math.abs(offset) > MAX_OFFSET_MS) return;
    const samples = this.machines.get(host) ?? new Map<number, Sample[]>();
    this.machines.set(host, samples);
    this.addSample(samples, Math.floor(logged.milliseconds / QUARTER_HOUR_MS), offset, sequence);
  }

  /**
   * The time of an event: Sysmon's `UtcTime`, else the log's own time put into UTC by what was learned of the machine,
   * else the record's stamp. A reading labelled UTC stands as it is until the machine is known to label local time so.
   * Undefined when the record tells no time.
   */
  resolve(host: string, times: RecordTimes, sequence: number): number | undefined {
    const { utc, logged, stamped } = times;
    if (utc !== undefined) return utc;
    if (logged === undefined || logged.zone === 'absolute') return logged?.milliseconds ?? stamped;
    const offset = this.offsetAt(host, logged.milliseconds, sequence);
    if (offset !== undefined) return logged.milliseconds + offset;
    return logged.zone === 'labelled-utc' ? logged.milliseconds : (stamped ?? logged.milliseconds);
  }

  private addSample(samples: Samples, quarter: number, offset: number, sequence: number): void {
    const known = samples.get(quarter);
    const same = known?.find((sample) => sample.offsetMs === offset);
    if (same) {
      same.firstSequence = Math.min(same.firstSequence, sequence);
      same.lastSequence = Math.max(same.lastSequence, sequence);
      return;
    }
    const sample = { offsetMs: offset, firstSequence: sequence, lastSequence: sequence };
    samples.set(quarter, [...(known ?? []), sample]);
    if (!known) this.sortedQuarters.delete(samples);
  }

  private offsetAt(host: string, milliseconds: number, sequence: number): number | undefined {
    const samples = this.machines.get(host);
    if (!samples) return undefined;
    const quarter = this.nearestQuarter(samples, Math.floor(milliseconds / QUARTER_HOUR_MS));
    // Two offsets in one quarter: the hour that daylight saving repeats. The neighbours in the log tell which it is.
    const [nearest] = [...(samples.get(quarter) ?? [])].sort(
      (left, right) => distance(left, sequence) - distance(right, sequence),
    );
    return nearest?.offsetMs;
  }

  private nearestQuarter(samples: Samples, wanted: number): number {
    if (samples.has(wanted)) return wanted;
    const quarters =
      this.sortedQuarters.get(samples) ?? [...samples.keys()].sort((left, right) => left - right);
    this.sortedQuarters.set(samples, quarters);
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
}

/** How far a place in the input is from where an offset held. */
function distance(sample: Sample, sequence: number): number {
  return Math.max(sample.firstSequence - sequence, sequence - sample.lastSequence, 0);
}
