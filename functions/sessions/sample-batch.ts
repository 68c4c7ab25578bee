/** Performance samples of sessions: one compressed document for each batch, read in order of time (RCD-7). */
import { documentType } from '../../shared/cosmos/document-type';
import type { Services } from '../../shared/services';
import { packSamples, type PerformanceSample, type SampleBatch } from '../servers';
import { mergeBatches } from './merge-batches';
import type { Session } from './session';
import { storedBatches, type TimeRange } from './stored-batches';

/** Lives as long as the recordings of its session. */
const sessionSamplesType = documentType<SampleBatch>('session-samples', { ttlSeconds: 'never' });

/** Stores samples of a session, unless the batch was stored before. */
export async function storeSessionSamples(
  services: Pick<Services, 'database' | 'clock'>,
  { id, customerId, serverId }: Session,
  received: { batchId: string; samples: readonly PerformanceSample[] },
): Promise<void> {
  const batch = await packSamples(services, { customerId, serverId }, received);
  await services.database.sessionData(customerId, id).createIfAbsent(sessionSamplesType, batch);
}

/** All stored samples of a session in order of time; of the range, if one is given. Memory is bounded. */
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
  for await (const sample of mergeBatches(batches)) {
    if (to !== undefined && sample.time >= to) return;
    if (from === undefined || sample.time >= from) yield sample;
  }
}
