/** The queue of recordings whose rating and event fields are to be computed, or have changed. */
import { z } from 'zod';
import type { QueueDefinition } from '../queues/queue';

const work = {
  customerId: z.string(),
  /** The events that were stored until then are to be counted (RFC 3339 UTC); absent: they are the same as before. */
  eventsStoredAt: z.iso.datetime().optional(),
};

const recordingToRate = z.object({
  ...work,
  recordingId: z.string(),
  /** What earlier versions sent instead of `eventsStoredAt`. */
  eventsChanged: z.boolean().optional(),
});

/** The recordings of a session that contain something of a span of time (RFC 3339 UTC, both ends included). */
const spanToRate = z.object({ ...work, sessionId: z.string(), from: z.iso.datetime(), to: z.iso.datetime() });

/** The last events of a recording, and the responses to them, may still arrive after the recording. */
export const RATING_DELAY_SECONDS = 60;

export type RecordingToRate = z.output<typeof recordingToRate>;
export type SpanToRate = z.output<typeof spanToRate>;

export const rateRecordingsQueue: QueueDefinition<RecordingToRate | SpanToRate> = {
  name: 'rate-recordings',
  message: z.union([recordingToRate, spanToRate]),
};
