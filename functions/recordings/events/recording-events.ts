/** The events of a recording: those of its session that happened within it, with their position. */
import { recordingId } from '../../../shared/ids';
import type { Services } from '../../../shared/services';
import type { SessionEvent } from '../../policies/engine';
import { readSessionEvents, type TimeRange } from '../../sessions';
import type { Recording } from '../recording';
import { findRecording } from '../store';

export interface RecordingEvent extends SessionEvent {
  /** Seconds from the start of the recording. */
  readonly positionSeconds: number;
}

type Reading = Pick<Services, 'database' | 'blobs'>;

/**
 * The events of a recording in order of time, then id; each comes once. Memory is bounded however many there are: read
 * them one by one and keep nothing.
 * @param from begins at this instant (RFC 3339 UTC), when it is after the recording's start
 */
export async function* readRecordingEvents(
  services: Reading,
  customerId: string,
  recording: Recording,
  from?: string,
): AsyncGenerator<RecordingEvent> {
  const range = await timeRangeOf(services, customerId, recording);
  const later = from !== undefined && from > range.from ? from : range.from;
  const events = readSessionEvents(services, customerId, recording.sessionId, { ...range, from: later });
  for await (const event of events) yield { ...event, positionSeconds: positionOf(recording, event.time) };
}

/** The seconds from the start of the recording to an instant (RFC 3339), with milliseconds; negative before it. */
export function positionOf({ startedAt }: Pick<Recording, 'startedAt'>, time: string): number {
  return (Date.parse(time) - Date.parse(startedAt)) / 1000;
}

/** Its duration; undefined until it has ended. */
export function durationOf({
  startedAt,
  endedAt,
}: Pick<Recording, 'startedAt' | 'endedAt'>): number | undefined {
  return endedAt === undefined ? undefined : Math.max(0, positionOf({ startedAt }, endedAt));
}

/**
 * From its start to its end, both included. A part without an end, such as an abandoned one, ends where the next begins.
 */
export async function timeRangeOf(
  services: Pick<Services, 'database'>,
  customerId: string,
  { sessionId, part, startedAt, endedAt }: Recording,
): Promise<Required<Pick<TimeRange, 'from'>> & TimeRange> {
  const from = new Date(startedAt).toISOString();
  if (endedAt !== undefined) return { from, to: new Date(Date.parse(endedAt) + 1).toISOString() };
  const next = await findRecording(services, customerId, recordingId(sessionId, part + 1));
  return { from, to: next && new Date(next.startedAt).toISOString() };
}
