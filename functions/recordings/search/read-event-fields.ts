/** What searches know of the events of a recording, from the events that are stored now. */
import type { Services } from '../../../shared/services';
import { readRecordingEvents } from '../events/recording-events';
import type { Recording } from '../recording';
import { type EventFields, foldEvents } from './event-fields';

/** Written with the verification of a recording, and again with what is due after it, for events that came late. */
export function readEventFields(
  services: Pick<Services, 'database' | 'blobs'>,
  customerId: string,
  recording: Recording,
): Promise<EventFields> {
  return foldEvents(readRecordingEvents(services, customerId, recording));
}
