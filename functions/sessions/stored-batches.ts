/** Reads the stored batches of a session, of events or of samples, in the order of their first item. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DocumentType } from '../../shared/cosmos/document-type';
import type { Services } from '../../shared/services';
import type { Timed, TimedBatch } from './merge-batches';

/** RFC 3339 UTC with milliseconds: from this instant on, and before that one. Absent: unlimited. */
export interface TimeRange {
  from?: string | undefined;
  to?: string | undefined;
}

/** What batches of events and of samples have in common. */
export interface PackedBatch {
  id: string;
  /** Time of its first item: batches of a session are read in this order. */
  at: string;
  /** Time of its last item; absent in documents of earlier versions. */
  until?: string;
  /** gzip of the items as JSON, base64. */
  packed: string;
}

/** A batch has at most 1 MiB of items, packed much less. */
const BATCHES_PER_PAGE = 16;

interface BatchesOfSession {
  customerId: string;
  sessionId: string;
  type: DocumentType<PackedBatch>;
  range: TimeRange;
}

/** The batches with items in the range. */
export async function* storedBatches<T extends Timed>(
  { database }: Pick<Services, 'database'>,
  { customerId, sessionId, type, range: { from, to } }: BatchesOfSession,
): AsyncGenerator<TimedBatch<T>> {
  const conditions = [
    ...(to === undefined ? [] : ['c.at < @to']),
    ...(from === undefined ? [] : ['(NOT IS_DEFINED(c.until) OR c.until >= @from)']),
  ];
  const pages = database.sessionData(customerId, sessionId).pages(type, {
    where: conditions.join(' AND '),
    parameters: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
    sortedBy: 'at',
    pageSize: BATCHES_PER_PAGE,
  });
  for await (const page of pages)
    for (const { at, packed } of page) yield { at, unpack: () => unpack<T>(packed) };
}

/** The items of a packed batch. */
export async function unpack<T>(packed: string): Promise<T[]> {
  const json = await promisify(gunzip)(Buffer.from(packed, 'base64'));
  return JSON.parse(json.toString()) as T[];
}
