/** Has a recording that has ended rated, once its last events and the responses to them have come. */
import { RATING_DELAY_SECONDS, rateRecordingsQueue } from '../../shared/recordings/rate-recordings-queue';
import type { Services } from '../../shared/services';

/** Counts what is stored now, too, even if it was rated before. */
export async function rateSoon(
  services: Pick<Services, 'queues' | 'clock'>,
  customerId: string,
  recordingId: string,
): Promise<void> {
  const eventsStoredAt = services.clock.now().toISOString();
  const rating = { customerId, recordingId, eventsStoredAt };
  await services.queues.send(rateRecordingsQueue, rating, RATING_DELAY_SECONDS);
}
