/** Has the recordings rated again to which events or responses have come late. */
import { RATING_DELAY_SECONDS, rateRecordingsQueue } from '../../shared/recordings/rate-recordings-queue';
import type { Services } from '../../shared/services';
import type { Session } from './session';

/**
 * Servers send the events of a live session within seconds. A recording is rated later than this after its end, so that
 * what is not late is counted then.
 */
const LATE_MILLISECONDS = 30_000;

/**
 * Called after events or responses were stored: has the recordings of their time rated again if they may have been rated
 * before. Of a live session only what is late is of an earlier part, or of one that has ended.
 * @param times when the events happened (RFC 3339 UTC)
 * @param eventsChanged events were stored; false: only what follows from them
 */
export async function rateLate(
  services: Pick<Services, 'queues' | 'clock'>,
  { id: sessionId, customerId, state }: Pick<Session, 'id' | 'customerId' | 'state'>,
  times: readonly string[],
  eventsChanged: boolean,
): Promise<void> {
  const now = services.clock.now();
  const lateBefore = new Date(now.getTime() - LATE_MILLISECONDS).toISOString();
  const late = times.filter((time) => state === 'ended' || time < lateBefore).toSorted();
  const [from, to] = [late[0], late.at(-1)];
  if (from === undefined || to === undefined) return;
  const eventsStoredAt = eventsChanged ? now.toISOString() : undefined;
  const rating = { customerId, sessionId, from, to, eventsStoredAt };
  await services.queues.send(rateRecordingsQueue, rating, RATING_DELAY_SECONDS);
}
