/** Ids of events that repeat when the same log is read again. */
import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { type LogRecord } from './log-record';
import { BoundedMap } from './bounded-map';
import { rawReading } from './timestamps';

/** Namespace of the ids made here; any fixed UUID will do. */
const NAMESPACE = '6f1c2a52-94b7-5d0e-8f3a-0b7f6f0f5c11';

/** Records remembered: identical ones are close together, and a file that overlaps another is read after it. */
const MAX_REMEMBERED = 500_000;

/** UUIDv5 of machine, channel, record number and time (RFC 3339). */
export function eventId(host: string, channel: string, recordNumber: string, time: string): string {
  return uuidv5([host.toLowerCase(), channel.toLowerCase(), recordNumber, time].join('\n'), NAMESPACE);
}

/**
 * Numbers records. Without a record number, the content takes its place, together with how many records of that content came
 * before: a machine can write the same line twice.
 */
export class RecordNumbers {
  private readonly seen = new BoundedMap<number>(MAX_REMEMBERED);

  /** What stands for the record number in the event's id; undefined when this record was read before. */
  numberOf(record: LogRecord, content: unknown): string | undefined {
    if (record.recordNumber !== undefined) {
      const { milliseconds } = rawReading({ times: record.times, sequence: 0 });
      const key = digest([
        record.host.toLowerCase(),
        record.channel.toLowerCase(),
        record.eventId,
        record.recordNumber,
        // Writers cut the fraction at different places.
        Math.floor(milliseconds / 1000),
      ]);
      return this.countOf(key) === 1 ? record.recordNumber : undefined;
    }
    const key = digest(content);
    return `${key}-${this.countOf(key)}`;
  }

  private countOf(key: string): number {
    const count = (this.seen.get(key) ?? 0) + 1;
    this.seen.set(key, count);
    return count;
  }
}

function digest(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
}
