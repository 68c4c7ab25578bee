/** Performance samples of servers and of sessions: one compressed document for each batch (CCL-5). */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { days, documentType } from '../../shared/cosmos/document-type';
import { instant } from '../../shared/http/fields';
import type { Services } from '../../shared/services';
import { correctPastTime } from './clock-skew';
import { readSkewMilliseconds } from './store';

const MAX_SAMPLES = 1_000;
const percent = z.number().min(0).max(100);
const bytes = z.number().nonnegative();

const sampleSchema = z
  .strictObject({
    time: instant.describe("By the server's clock"),
    cpuPercent: percent.optional(),
    memoryPercent: percent.optional(),
    networkSendBytes: bytes.optional().describe('Since the sample before'),
    networkReceiveBytes: bytes.optional().describe('Since the sample before'),
    roundTripMilliseconds: z.number().nonnegative().optional().describe('Of the session; every 15 seconds'),
  })
  .meta({
    id: 'PerformanceSample',
    description: 'What was measured at one moment; what was not is left out',
  });

export const samplesSchema = z
  .array(sampleSchema)
  .min(1)
  .max(MAX_SAMPLES)
  .describe('What was measured, in any order');

interface SampleBatch {
  /** Assigned by the server; a repeated batch has the same id. */
  id: string;
  receivedAt: string;
  /** Time of its first sample, corrected. */
  at: string;
  sampleCount: number;
  /** gzip of the samples as JSON, base64; their times are corrected. */
  packed: string;
}

/** Lives as long as the recordings of its session. */
const sessionSamplesType = documentType<SampleBatch>('session-samples', { ttlSeconds: 'never' });
const serverSamplesType = documentType<SampleBatch>('server-samples', { ttlSeconds: days(90) });

interface ReceivedSamples {
  batchId: string;
  /** Absent: of the server itself. */
  sessionId?: string | undefined;
  samples: z.output<typeof samplesSchema>;
}

/** Stores the batch unless it was stored before. */
export async function storeSamples(
  services: Pick<Services, 'database' | 'clock'>,
  server: { customerId: string; serverId: string },
  { batchId, sessionId, samples }: ReceivedSamples,
): Promise<void> {
  const { customerId, serverId } = server;
  const now = services.clock.now();
  const skewMilliseconds = await readSkewMilliseconds(services, customerId, serverId);
  const corrected = samples.map((sample) => ({
    ...sample,
    time: correctPastTime(sample.time, skewMilliseconds, now).toISOString(),
  }));
  const packed = (await promisify(gzip)(JSON.stringify(corrected))).toString('base64');
  const [at = now.toISOString()] = corrected.map(({ time }) => time).toSorted();
  const batch = {
    id: batchId,
    receivedAt: now.toISOString(),
    at,
    sampleCount: samples.length,
    packed,
  };
  const { database } = services;
  if (sessionId === undefined)
    await database.telemetry(customerId, serverId).createIfAbsent(serverSamplesType, batch);
  else await database.sessionData(customerId, sessionId).createIfAbsent(sessionSamplesType, batch);
}
