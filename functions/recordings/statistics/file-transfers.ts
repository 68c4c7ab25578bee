/** File transfers between the recorded machine and the client, by time (RCD-6). Pure; the order of events does not matter. */
import { Temporal } from 'temporal-polyfill';
import type { SessionEvent } from '../../policies/engine';

const MINUTE = 60_000;

/** How much time a bucket covers, in milliseconds. */
export const TRANSFER_INTERVALS = { minute: MINUTE, tenMinutes: 10 * MINUTE, hour: 60 * MINUTE } as const;
export type TransferInterval = keyof typeof TRANSFER_INTERVALS;

export const TRANSFER_DIRECTIONS = ['hostToClient', 'clientToHost'] as const;
export type TransferDirection = (typeof TRANSFER_DIRECTIONS)[number];

/** The direction by the field `fileSource` of the event. */
const DIRECTIONS: Readonly<Record<string, TransferDirection>> = {
  host: 'hostToClient',
  client: 'clientToHost',
};

export interface Transferred {
  files: number;
  /** Of the files whose size is known. */
  sizeBytes: number;
}

type Directions = Record<TransferDirection, Transferred>;

export interface TransferBucket extends Directions {
  /** Milliseconds since 1970. */
  start: number;
}

/** The direction of a transfer; undefined for other events, and when it is not known. */
export function directionOf({
  type,
  data,
}: Pick<SessionEvent, 'type' | 'data'>): TransferDirection | undefined {
  const source = data['fileSource'];
  return type === 'fileTransfer' && typeof source === 'string' ? DIRECTIONS[source] : undefined;
}

/** The size of a transferred file in bytes; 0 when it is not known. */
export function transferredBytes({ data }: Pick<SessionEvent, 'data'>): number {
  const size = data['fileSizeBytes'];
  return typeof size === 'number' ? size : 0;
}

/** Counts the transfers of a recording by minute: a session of 31 days has 44,640 of them. */
export class FileTransfers {
  private readonly minutes = new Map<number, Directions>();
  /** Transfers whose direction is not known. */
  unknownDirection = 0;

  add(event: SessionEvent): void {
    if (event.type !== 'fileTransfer') return;
    const direction = directionOf(event);
    if (direction === undefined) {
      this.unknownDirection++;
      return;
    }
    const minute = Math.floor(Date.parse(event.time) / MINUTE) * MINUTE;
    const counts = this.minutes.get(minute) ?? nothing();
    this.minutes.set(minute, counts);
    count(counts[direction], { files: 1, sizeBytes: transferredBytes(event) });
  }

  /** Buckets with transfers in the directions, by time. */
  buckets(
    interval: TransferInterval,
    timeZone: string,
    directions: readonly TransferDirection[] = TRANSFER_DIRECTIONS,
  ): TransferBucket[] {
    const startOf = bucketStarts(interval, timeZone);
    const buckets = new Map<number, TransferBucket>();
    for (const [minute, counts] of this.minutes) {
      for (const direction of directions) {
        if (counts[direction].files === 0) continue;
        const start = startOf(minute);
        const bucket = buckets.get(start) ?? { start, ...nothing() };
        buckets.set(start, bucket);
        count(bucket[direction], counts[direction]);
      }
    }
    return [...buckets.values()].sort((a, b) => a.start - b.start);
  }

  /** All transfers in the directions. */
  total(directions: readonly TransferDirection[] = TRANSFER_DIRECTIONS): Directions {
    const total = nothing();
    for (const counts of this.minutes.values())
      for (const direction of directions) count(total[direction], counts[direction]);
    return total;
  }
}

/**
 * The start of the bucket that contains an instant: on a boundary of the clock in the time zone, or when the clock was
 * changed where that is later. Milliseconds since 1970.
 */
export function bucketStarts(interval: TransferInterval, timeZone: string): (instant: number) => number {
  const length = TRANSFER_INTERVALS[interval];
  const offsetAt = cachedOffsets(timeZone);
  return (instant) => {
    const offset = offsetAt(instant);
    const local = instant + offset;
    const start = instant - (((local % length) + length) % length);
    return offsetAt(start) === offset ? start : changeBetween(start, instant, offsetAt);
  };
}

/** The first full minute after `before` with the offset of `after`. */
function changeBetween(before: number, after: number, offsetAt: (instant: number) => number): number {
  const offset = offsetAt(after);
  let low = Math.floor(before / MINUTE);
  let high = Math.floor(after / MINUTE);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * MINUTE) === offset) high = middle;
    else low = middle;
  }
  return high * MINUTE;
}

/** The offset from UTC in milliseconds at an instant; by minute, since clocks are changed at full minutes. */
function cachedOffsets(timeZone: string): (instant: number) => number {
  const known = new Map<number, number>();
  return (instant) => {
    const minute = Math.floor(instant / MINUTE);
    const offset =
      known.get(minute) ??
      Temporal.Instant.fromEpochMilliseconds(minute * MINUTE).toZonedDateTimeISO(timeZone).offsetNanoseconds /
        1_000_000;
    known.set(minute, offset);
    return offset;
  };
}

function nothing(): Directions {
  return { hostToClient: { files: 0, sizeBytes: 0 }, clientToHost: { files: 0, sizeBytes: 0 } };
}

function count(into: Transferred, { files, sizeBytes }: Transferred): void {
  into.files += files;
  into.sizeBytes += sizeBytes;
}
