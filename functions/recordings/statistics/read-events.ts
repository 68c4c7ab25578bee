/** Reads the events of a recording for its statistics, with what the hour before says about its beginning. */
import type { Services } from '../../../shared/services';
import type { SessionEvent } from '../../policies/engine';
import { findSession, readSessionEvents } from '../../sessions';
import { timeRangeOf } from '../events/recording-events';
import type { Recording } from '../recording';
import { isWithin, type RecordedSpan } from './recorded-span';

/** The window in focus and the shells that run when a part begins are known from events of the part before. */
const LOOK_BACK_MILLISECONDS = 3_600_000;

type Reading = Pick<Services, 'database' | 'blobs' | 'clock'>;

export interface EventVisit {
  readonly event: SessionEvent;
  /** Whether it happened within the recording; otherwise it happened before. */
  readonly isWithin: boolean;
}

/** What a recording covers until now. */
export async function spanOf(
  services: Reading,
  customerId: string,
  recording: Recording,
): Promise<RecordedSpan> {
  const start = Date.parse(recording.startedAt);
  const end = await endOf(services, customerId, recording);
  return { start, end: Math.max(start, end) };
}

/** A part without an end lasts until the next one begins or the session ends; a live one until now. */
async function endOf(services: Reading, customerId: string, recording: Recording): Promise<number> {
  if (recording.endedAt !== undefined) return Date.parse(recording.endedAt);
  const { to } = await timeRangeOf(services, customerId, recording);
  if (to !== undefined) return Date.parse(to);
  const session = await findSession(services, customerId, recording.sessionId);
  return session?.endedAt === undefined ? services.clock.now().getTime() : Date.parse(session.endedAt);
}

/**
 * The events of a recording in order of time, after those of the hour before where it continues a session. Memory is
 * bounded: keep nothing of them.
 * @param signal aborted when nobody waits for the result any more
 */
export async function* visitEvents(
  services: Reading,
  customerId: string,
  recording: Recording,
  span: RecordedSpan,
  signal?: AbortSignal,
): AsyncGenerator<EventVisit> {
  const from = span.start - (recording.part > 1 ? LOOK_BACK_MILLISECONDS : 0);
  const range = { from: inUtc(from), to: inUtc(span.end + 1) };
  for await (const event of readSessionEvents(services, customerId, recording.sessionId, range)) {
    signal?.throwIfAborted();
    yield { event, isWithin: isWithin(span, Date.parse(event.time)) };
  }
}

function inUtc(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
