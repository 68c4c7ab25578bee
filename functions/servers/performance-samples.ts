/** Performance samples of servers: one compressed document for each batch (CCL-5). Those of sessions have the same form. */
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

export type PerformanceSample = z.output<typeof sampleSchema>;

export interface SampleBatch {
  /** Assigned by the server; a repeated batch has the same id. */
  id: string;
  receivedAt: string;
  /** Time of its first sample, corrected. */
  at: string;
  /** Time of its last sample; absent in documents of earlier versions. */
  until?: string;
  sampleCount: number;
  /** gzip of the samples as JSON, base64; their times are corrected. */
  packed: string;
}

const serverSamplesType = documentType<SampleBatch>('server-samples', { ttlSeconds: days(90) });

interface ReceivedSamples {
  batchId: string;
  samples: readonly PerformanceSample[];
}

interface ServerRef {
  customerId: string;
  serverId: string;
}

/** Stores samples of the server itself, unless the batch was stored before. */
export async function storeServerSamples(
  services: Pick<Services, 'database' | 'clock'>,
  server: ServerRef,
  received: ReceivedSamples,
): Promise<void> {
  const batch = await packSamples(services, server, received);
  await services.database
    .telemetry(server.customerId, server.serverId)
    .createIfAbsent(serverSamplesType, batch);
}

/** The document of a batch of samples; their times are corrected by the skew of the server's clock. */
export async function packSamples(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, serverId }: ServerRef,
  { batchId, samples }: ReceivedSamples,
): Promise<SampleBatch> {
  const now = services.clock.now();
  const receivedAt = now.toISOString();
  const skewMilliseconds = await readSkewMilliseconds(services, customerId, serverId);
  const corrected = samples.map((sample) => ({
    ...sample,
    time: correctPastTime(sample.time, skewMilliseconds, now).toISOString(),
  }));
  const packed = (await promisify(gzip)(JSON.stringify(corrected))).toString('base64');
  const times = corrected.map(({ time }) => time).toSorted();
  const at = times[0] ?? receivedAt;
  return { id: batchId, receivedAt, at, until: times.at(-1) ?? at, sampleCount: samples.length, packed };
}
