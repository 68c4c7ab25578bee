/** The queue of recordings whose points of interest are to be computed, or have changed. */
import { z } from 'zod';
import type { QueueDefinition } from '../queues/queue';

const rating = z.object({
  customerId: z.string(),
  recordingId: z.string(),
  /** Events came after it was rated. */
  eventsChanged: z.boolean().optional(),
});

/** The last events of a recording, and the responses to them, may still arrive after the recording. */
export const RATING_DELAY_SECONDS = 60;

export const rateRecordingsQueue: QueueDefinition<z.output<typeof rating>> = {
  name: 'rate-recordings',
  message: rating,
};
