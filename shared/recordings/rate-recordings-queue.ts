/** The queue of recordings whose points of interest are to be computed, or have changed. */
import { z } from 'zod';
import type { QueueDefinition } from '../queues/queue';

const rating = z.object({ customerId: z.string(), recordingId: z.string() });

export const rateRecordingsQueue: QueueDefinition<z.output<typeof rating>> = {
  name: 'rate-recordings',
  message: rating,
};
