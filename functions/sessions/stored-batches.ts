/** Reads the stored batches of a session, of events or of samples, in the order of their first item. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { days, type DocumentType, type Ttl } from '../../shared/cosmos/document-type';
import type { Partition } from '../../shared/cosmos/partition';
import type { Services } from '../../shared/services';
import { findArchive } from './compaction/archive';
import { archivedBatches } from './compaction/read-archive';
import type { Timed, TimedBatch, TimeRange } from './merge-batches';

/** What batches of events and of samples have in common. */
export interface PackedBatch {
  id: string;
  /** Time of its first item: batches of a session are read in this order. */
  at: string;
  /** Time of its last item; absent in documents of earlier versions. */
  until?: string;
  /** gzip of the items as JSON, base64. */
  packed: string;
  /** The generation of the archive that it belongs to; absent: it waits for the next one. */
  archivedIn?: number;
  /** It is in the archive and is removed in some days. */
  isExpiring?: boolean;
}

export type BatchType = DocumentType<PackedBatch>;

/** A batch has at most 1 MiB of items, packed much less. */
const BATCHES_PER_PAGE = 16;
const EXPIRES_AFTER_SECONDS = days(7);

/** The time to live of a batch: none before it is in the archive. */
export function ttlOfBatch({ isExpiring }: Pick<PackedBatch, 'isExpiring'>): Ttl {
  return isExpiring ? EXPIRES_AFTER_SECONDS : 'never';
}

/** The fields of a document, as stored, that make it expire. */
export const EXPIRING = { isExpiring: true, ttl: EXPIRES_AFTER_SECONDS } as const;

interface BatchesOfSession {
  customerId: string;
  sessionId: string;
  type: BatchType;
  range: TimeRange;
}

/** The batches with items in the range: the archive, and the documents that it does not contain. */
export async function* storedBatches<T extends Timed>(
  services: Pick<Services, 'database' | 'blobs'>,
  { customerId, sessionId, type, range }: BatchesOfSession,
): AsyncGenerator<TimedBatch<T>> {
  const { from, to } = range;
  const { generation = 0, parts = [] } =
    (await findArchive(services, customerId, sessionId, type.name)) ?? {};
  const conditions = [
    '(NOT IS_DEFINED(c.archivedIn) OR c.archivedIn > @generation)',
    ...(to === undefined ? [] : ['c.at < @to']),
    ...(from === undefined ? [] : ['(NOT IS_DEFINED(c.until) OR c.until >= @from)']),
  ];
  const documents = batchesWhere<T>(services.database.sessionData(customerId, sessionId), type, {
    where: conditions.join(' AND '),
    parameters: { generation, ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
  });
  yield* inOrder(archivedBatches<T>(services, parts, range), documents);
}

/** The documents that belong to one generation. */
export function batchesOfGeneration<T extends Timed>(
  partition: Partition,
  type: BatchType,
  generation: number,
): AsyncGenerator<TimedBatch<T>> {
  return batchesWhere<T>(partition, type, {
    where: 'c.archivedIn = @generation',
    parameters: { generation },
  });
}

/** Both, each in order of time, as one. */
export async function* inOrder<T extends Timed>(
  archived: readonly TimedBatch<T>[],
  documents: AsyncIterable<TimedBatch<T>>,
): AsyncGenerator<TimedBatch<T>> {
  let next = 0;
  for await (const batch of documents) {
    for (let chunk = archived[next]; chunk && chunk.at <= batch.at; chunk = archived[next]) {
      next += 1;
      yield chunk;
    }
    yield batch;
  }
  yield* archived.slice(next);
}

async function* batchesWhere<T extends Timed>(
  partition: Partition,
  type: BatchType,
  condition: { where: string; parameters: Record<string, string | number> },
): AsyncGenerator<TimedBatch<T>> {
  const pages = partition.pages(type, { ...condition, sortedBy: 'at', pageSize: BATCHES_PER_PAGE });
  for await (const page of pages)
    for (const { at, packed } of page) yield { at, unpack: () => unpack<T>(packed) };
}

/** The items of a packed batch. */
export async function unpack<T>(packed: string): Promise<T[]> {
  const json = await promisify(gunzip)(Buffer.from(packed, 'base64'));
  return JSON.parse(json.toString()) as T[];
}
