/** When a record's event happened, in UTC, learning each machine's offset from records that carry both clocks. */
import { type RecordTimes } from './log-record';

const QUARTER_HOUR_MS = 15 * 60 * 1000;
/** The log receives a record up to this long after the event's own time; later ones are not learned from. */
const MAX_LOGGING_DELAY_MS = 2 * 60 * 1000;
/** An offset that fewer than one in this many records of a quarter of an hour show comes from a faulty record. */
const RARE = 10;
/** The same, for all records of a machine, once an offset was seen a few times. */
const VERY_RARE = 200;
const A_FEW_TIMES = 3;
/** Where clocks are set to summer time, it is by half an hour or more. */
const HALF_HOUR_MS = 2 * QUARTER_HOUR_MS;
/** No time zone has another offset than these, in quarters of an hour; half a day more or less is the same. */
const ZONE_QUARTERS = [...Array.from({ length: 24 }, (_, index) => index * 2), 3, 7, 23, 35];
/** No zone is farther from UTC; half a day more for exporters that write a 12-hour clock without saying which half. */
const MAX_OFFSET_MS = 26 * 60 * 60 * 1000;

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
  private readonly quarters = new Map<number, Sample[]>();
  /** How many records showed each offset. */
  private readonly counts = new Map<number, number>();
  /** The quarters with credible samples, in order; until there is a new sample. */
  private credible:
    { commonest: number; quarters: (readonly [quarter: number, samples: Sample[]])[] } | undefined;

  /** Takes an offset that a record showed when the clock read so many milliseconds. */
  add(readingMs: number, offset: number, sequence: number): void {
    this.counts.set(offset, (this.counts.get(offset) ?? 0) + 1);
    addSample(this.quarters, Math.floor(readingMs / QUARTER_HOUR_MS), offset, sequence);
    this.credible = undefined;
  }

  /** The offset when the clock read so many milliseconds, near a position in the input. */
  offsetAt(readingMs: number, sequence: number): number {
    const { commonest, quarters } = (this.credible ??= this.findCredible());
    const shown = nearestQuarter(quarters, Math.floor(readingMs / QUARTER_HOUR_MS));
    // Two offsets in one quarter: the hour that daylight saving repeats. The neighbouring records decide which it is.
    const [nearest] = [...shown].sort((left, right) => distance(left, sequence) - distance(right, sequence));
    return nearest?.offsetMs ?? commonest;
  }

  /** Leaves out what single records show that were logged late, or are faulty. */
  private findCredible(): NonNullable<MachineClock['credible']> {
    const [[commonest, most] = [0, 0]] = [...this.counts].sort(([, left], [, right]) => right - left);
    const isCredible = ({ offsetMs }: Sample): boolean => {
      const count = this.counts.get(offsetMs) ?? 0;
      const share = count < A_FEW_TIMES ? RARE : VERY_RARE;
      const isChange = (offsetMs - commonest) % HALF_HOUR_MS === 0;
      return offsetMs === commonest || (isChange && count * share > most);
    };
    const quarters = [...this.quarters]
      .map(([quarter, samples]) => {
        const mostHere = Math.max(...samples.map(({ count }) => count));
        return [quarter, samples.filter((one) => one.count * RARE > mostHere && isCredible(one))] as const;
      })
      .filter(([, samples]) => samples.length > 0)
      .sort(([left], [right]) => left - right);
    return { commonest, quarters };
  }
}

/**
 * The clocks of the machines: how far each machine's log runs from UTC, at which reading of its clock.
 * One entry per machine and quarter of an hour of log.
 */
export class MachineClocks {
  private readonly machines = new Map<string, MachineClock>();

  /** @param aliasesOf other names of a machine, for one that showed no offset under its own */
  constructor(private readonly aliasesOf: (host: string) => readonly string[] = () => []) {}

  /** Learns from a record that carries both clocks. `sequence` is its position in the input. */
  learn(host: string, times: RecordTimes, sequence: number): void {
    const { utc, logged } = times;
    if (utc === undefined || logged === undefined || logged.zone === 'absolute') return;
    const offset = Math.round((utc - logged.milliseconds) / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
    const delay = Math.abs(logged.milliseconds + offset - utc);
    if (delay > MAX_LOGGING_DELAY_MS || Math.abs(offset) > MAX_OFFSET_MS) return;
    // A record that says UTC was logged late when what it shows is no zone's offset.
    if (logged.zone === 'labelled-utc' && !isOffsetOfZone(offset)) return;
    const clock = this.machines.get(host) ?? new MachineClock();
    this.machines.set(host, clock);
    clock.add(logged.milliseconds, offset, sequence);
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
    const offset = this.clockOf(host)?.offsetAt(logged.milliseconds, sequence);
    if (offset !== undefined) return logged.milliseconds + offset;
    return logged.zone === 'labelled-utc' ? logged.milliseconds : (stamped ?? logged.milliseconds);
  }

  private clockOf(host: string): MachineClock | undefined {
    const names = [host, ...this.aliasesOf(host)];
    return names.map((name) => this.machines.get(name)).find((clock) => clock !== undefined);
  }
}

function isOffsetOfZone(offset: number): boolean {
  const halfDay = 48;
  const quarters = Math.round(offset / QUARTER_HOUR_MS);
  return ZONE_QUARTERS.includes(((-quarters % halfDay) + halfDay) % halfDay);
}

function addSample(quarters: Map<number, Sample[]>, quarter: number, offset: number, sequence: number): void {
  const known = quarters.get(quarter);
  const same = known?.find((sample) => sample.offsetMs === offset);
  if (same) {
    same.firstSequence = Math.min(same.firstSequence, sequence);
    same.lastSequence = Math.max(same.lastSequence, sequence);
    same.count += 1;
    return;
  }
  const sample = { offsetMs: offset, firstSequence: sequence, lastSequence: sequence, count: 1 };
  quarters.set(quarter, [...(known ?? []), sample]);
}

/** What the nearest quarter of an hour showed; of two equally near ones, the earlier. */
function nearestQuarter(
  quarters: readonly (readonly [quarter: number, samples: readonly Sample[]])[],
  wanted: number,
): readonly Sample[] {
  let low = 0;
  let high = quarters.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((quarters[middle]?.[0] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const after = quarters[low];
  const before = quarters[low - 1];
  if (!after || !before) return (after ?? before)?.[1] ?? [];
  return wanted - before[0] <= after[0] - wanted ? before[1] : after[1];
}

/** Distance of a position in the input from where an offset was valid. */
function distance(sample: Sample, sequence: number): number {
  return Math.max(sample.firstSequence - sequence, sequence - sample.lastSequence, 0);
}
