/** Performance samples of sessions: one compressed document for each batch, read in order of time (RCD-7). */
import { documentType } from '../../shared/cosmos/document-type';
import type { Services } from '../../shared/services';
import { packSamples, type PerformanceSample, type SampleBatch } from '../servers';
import { distinct, mergeBatches, type TimeRange } from './merge-batches';
import type { Session } from './session';
import { compactLater } from './compaction/compaction-due';
import { type PackedBatch, storedBatches, ttlOfBatch } from './stored-batches';

type SampleDocument = SampleBatch & PackedBatch;

/** Lives as long as the recordings of its session. */
export const sessionSamplesType = documentType<SampleDocument>('session-samples', {
  ttlSeconds: ttlOfBatch,
});

/** Stores samples of a session, unless the batch was stored before. */
export async function storeSessionSamples(
  services: Pick<Services, 'database' | 'clock'>,
  session: Session,
  received: { batchId: string; samples: readonly PerformanceSample[] },
): Promise<void> {
  const { id, customerId, serverId } = session;
  const batch = await packSamples(services, { customerId, serverId }, received);
  await services.database.sessionData(customerId, id).createIfAbsent(sessionSamplesType, batch);
  await compactLater(services, session);
}

/**
 * All stored samples of a session in order of time; of the range, if one is given. Of several at one instant the first counts. Memory
 * is bounded.
 */
export async function* readSessionSamples(
  services: Pick<Services, 'database' | 'blobs'>,
  customerId: string,
  sessionId: string,
  range: TimeRange = {},
): AsyncGenerator<PerformanceSample> {
  const { from, to } = range;
  const batches = storedBatches<PerformanceSample>(services, {
    customerId,
    sessionId,
    type: sessionSamplesType,
    range,
  });
  for await (const sample of distinct(mergeBatches(batches))) {
    if (to !== undefined && sample.time >= to) return;
    if (from === undefined || sample.time >= from) yield sample;
  }
}
