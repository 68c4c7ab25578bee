/** Lists the events of a recording page by page; the work for a page is bounded, however rare the matches are. */
import { parsePosition, positionOf } from '../../../shared/cosmos/time-order';
import { type RespondedEvents, RESPONSES_KEPT_DAYS } from '../../../shared/events/responded-events';
import type { Services } from '../../../shared/services';
import { compareTimed } from '../../sessions';
import type { Recording } from '../recording';
import { eventFilter, type EventFilter } from './event-filter';
import { readRecordingEvents, type RecordingEvent } from './recording-events';

/** Events that are read and matched together. */
const CHUNK_EVENTS = 200;
/** A page ends after this many events, whether or not they match. */
const MAX_READ_EVENTS = 20_000;
const DAY_MILLISECONDS = 86_400_000;

export interface ListedEvent extends RecordingEvent {
  /** Undefined: it is so old that its response would not be kept any more. */
  hasResponse: boolean | undefined;
}

interface EventListing {
  customerId: string;
  recording: Recording;
  filter: EventFilter & { hasResponse?: boolean | undefined };
  limit: number;
  /** The position that the page before returned. */
  after: string | undefined;
}

interface EventPage {
  events: ListedEvent[];
  /** Where the next page begins; undefined at the end of the recording. */
  next: string | undefined;
}

/** One page in order of time; it may have fewer events than the limit, or none, though there are more. */
export async function listEvents(
  services: Pick<Services, 'database' | 'blobs' | 'clock'>,
  respondedEvents: RespondedEvents,
  listing: EventListing,
): Promise<EventPage> {
  const { filter, limit } = listing;
  const matches = eventFilter(filter);
  const found: ListedEvent[] = [];
  let read = 0;
  for await (const chunk of chunksOf(eventsBehind(services, listing), CHUNK_EVENTS)) {
    const listed = await withResponses(services, respondedEvents, listing, chunk.filter(matches));
    const { hasResponse } = filter;
    found.push(...listed.filter((event) => hasResponse === undefined || event.hasResponse === hasResponse));
    if (found.length > limit) return { events: found.slice(0, limit), next: keyOf(found[limit - 1]) };
    read += chunk.length;
    if (read >= MAX_READ_EVENTS) return { events: found, next: keyOf(chunk.at(-1)) };
  }
  return { events: found, next: undefined };
}

function keyOf(event: RecordingEvent | undefined): string | undefined {
  return event && positionOf({ at: event.time, id: event.id });
}

async function* eventsBehind(
  services: Pick<Services, 'database' | 'blobs'>,
  { customerId, recording, after }: EventListing,
): AsyncGenerator<RecordingEvent> {
  const { at, id = '' } = parsePosition(after);
  for await (const event of readRecordingEvents(services, customerId, recording, at))
    if (at === undefined || compareTimed(event, { time: at, id }) > 0) yield event;
}

async function* chunksOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function withResponses(
  services: Pick<Services, 'database' | 'clock'>,
  respondedEvents: RespondedEvents,
  { customerId, recording: { siteId, sessionId } }: Pick<EventListing, 'customerId' | 'recording'>,
  events: readonly RecordingEvent[],
): Promise<ListedEvent[]> {
  if (events.length === 0) return [];
  const eventIds = events.map(({ id }) => id);
  const responded = await respondedEvents(services, { customerId, siteId, sessionId, eventIds });
  const oldest = services.clock.now().getTime() - RESPONSES_KEPT_DAYS * DAY_MILLISECONDS;
  return events.map((event) => ({
    ...event,
    hasResponse: responded.has(event.id) || (Date.parse(event.time) < oldest ? undefined : false),
  }));
}
