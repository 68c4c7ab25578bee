/**
 * Has the recordings rated again to which events or responses have come late. Late events are noted with their session, so
 * that receiving them needs no queue; a sweep requests the ratings, once for all events of a minute.
 */
import { DocumentGone, DocumentStale } from '../../shared/cosmos/errors';
import { retryConflicts } from '../../shared/cosmos/retry';
import { RATING_DELAY_SECONDS, rateRecordingsQueue } from '../../shared/recordings/rate-recordings-queue';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { type Session, sessionType } from './session';
import { findSession, sessionPartition } from './store';

/**
 * Servers send the events of a live session within seconds. A recording is rated later than this after its end, so that
 * what is not late is counted then.
 */
const LATE_MILLISECONDS = 30_000;

/** From the first to the last one (RFC 3339 UTC). */
interface Span {
  from: string;
  to: string;
}

type SessionState = Pick<Session, 'id' | 'customerId' | 'state'>;

/**
 * The span of those times whose recording may have been rated before now; undefined when there are none. Of a live session
 * only what is late is of an earlier part, or of one that has ended.
 */
function lateSpan({ state }: SessionState, times: readonly string[], now: Date): Span | undefined {
  const lateBefore = new Date(now.getTime() - LATE_MILLISECONDS).toISOString();
  const late = times.filter((time) => state === 'ended' || time < lateBefore).toSorted();
  const [from, to] = [late[0], late.at(-1)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** After responses to events were stored. @param times when the events happened (RFC 3339 UTC) */
export async function rateLateResponses(
  services: Pick<Services, 'queues' | 'clock'>,
  session: SessionState,
  times: readonly string[],
): Promise<void> {
  const span = lateSpan(session, times, services.clock.now());
  if (!span) return;
  const { customerId, id: sessionId } = session;
  await services.queues.send(rateRecordingsQueue, { customerId, sessionId, ...span }, RATING_DELAY_SECONDS);
}

/** After events were stored. @param times when they happened (RFC 3339 UTC) */
export async function noteLateEvents(
  services: Pick<Services, 'database' | 'clock'>,
  loaded: SessionState,
  times: readonly string[],
): Promise<void> {
  const now = services.clock.now();
  const span = lateSpan(loaded, times, now);
  if (!span) return;
  const { customerId, id } = loaded;
  await retryConflicts(async () => {
    const session = await findSession(services, customerId, id);
    if (!session) return;
    const { lateEvents = { ...span, at: now.toISOString() } } = session;
    const partition = await sessionPartition(services, customerId, id);
    // Written in any case: a sweep that has begun must notice that there is more.
    await partition.replace(sessionType, {
      ...session,
      lateEvents: {
        at: lateEvents.at,
        from: span.from < lateEvents.from ? span.from : lateEvents.from,
        to: span.to > lateEvents.to ? span.to : lateEvents.to,
      },
    });
  });
}

type Sweeping = Pick<Services, 'database' | 'queues' | 'clock'>;

/** Requests the ratings of recordings that late events were noted for. */
export async function rateLateEvents(services: Sweeping, log: Log): Promise<void> {
  const noted = services.database.sweep<{ customerId: string; id: string }>(
    'recordings',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'session' AND c.lateEvents.at <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, id } of noted) {
    const sessionId = id.slice(`${sessionType.name}:`.length);
    try {
      await requestRating(services, customerId, sessionId);
    } catch (error) {
      // It was changed meanwhile: the next sweep finds it.
      if (error instanceof DocumentStale || error instanceof DocumentGone) continue;
      log.error('session.not-rated', error, { customerId, sessionId });
    }
  }
}

async function requestRating(services: Sweeping, customerId: string, sessionId: string): Promise<void> {
  const session = await findSession(services, customerId, sessionId);
  if (!session?.lateEvents) return;
  const { from, to } = session.lateEvents;
  const eventsStoredAt = services.clock.now().toISOString();
  await services.queues.send(rateRecordingsQueue, { customerId, sessionId, from, to, eventsStoredAt });
  const partition = await sessionPartition(services, customerId, sessionId);
  await partition.replace(sessionType, { ...session, lateEvents: undefined });
}
