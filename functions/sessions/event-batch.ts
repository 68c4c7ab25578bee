/** Stored batches of session events: one compressed document each, with the policy version that applies to them. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { documentType } from '../../shared/cosmos/document-type';
import type { Services } from '../../shared/services';
import type { PolicyVersion } from '../policies';
import type { SessionEvent } from '../policies/engine';
import { type PackedBatch, ttlOfBatch, unpack } from './stored-batches';

/** A batch as the service processes it; times of events are corrected by the skew of the server's clock. */
export interface EventBatchContent {
  /** Assigned by the server; a repeated batch has the same id. */
  id: string;
  receivedAt: string;
  /** The response policy in force at the first receipt; it applies to every repetition (RSP-6). */
  policyVersion: PolicyVersion | null;
  events: readonly SessionEvent[];
}

/** Packed, 1 MiB of events stays far below the 2 MB of a document. */
interface EventBatchDocument extends Omit<EventBatchContent, 'events'>, PackedBatch {
  eventCount: number;
}

export const eventBatchType = documentType<EventBatchDocument>('event-batch', { ttlSeconds: ttlOfBatch });

/** Stores the batch unless it exists; returns the stored one, which is the first one received. */
export async function keepEventBatch(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  sessionId: string,
  { events, ...batch }: EventBatchContent,
): Promise<EventBatchContent> {
  const packed = (await promisify(gzip)(JSON.stringify(events))).toString('base64');
  const times = events.map(({ time }) => time).toSorted();
  const at = times[0] ?? batch.receivedAt;
  const document = { ...batch, at, until: times.at(-1) ?? at, eventCount: events.length, packed };
  const kept = await database.sessionData(customerId, sessionId).createOrRead(eventBatchType, document);
  const { id, receivedAt, policyVersion } = kept;
  return {
    id,
    receivedAt,
    policyVersion,
    events: kept.packed === packed ? events : await unpack<SessionEvent>(kept.packed),
  };
}
