/** The HTTP operation that lists the events of a recording (RCD-5). */
import { z } from 'zod';
import type { RespondedEvents } from '../../../shared/events/responded-events';
import { type Operation, operation } from '../../../shared/http/operation';
import { pageLink, pageOf, pageQuery } from '../../../shared/http/paging';
import { EVENT_TYPE_IDS } from '../../policies/engine';
import { loadVisibleRecording } from '../access/visible-recording';
import { eventFilters } from './event-filter';
import { type ListedEvent, listEvents } from './list-events';

const eventView = z
  .object({
    id: z.string(),
    type: z.enum(EVENT_TYPE_IDS),
    time: z.iso.datetime(),
    positionSeconds: z.number().nonnegative().describe('Seconds from the start of the recording'),
    hasResponse: z
      .boolean()
      .optional()
      .describe(
        'Whether something was done in response to it; absent when it is older than responses are kept',
      ),
    data: z.record(z.string(), z.unknown()).describe('Fields of its type, as the recording server sent them'),
    fields: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .describe('Further fields of a custom event'),
  })
  .meta({ id: 'RecordingEvent' });

const eventQuery = z.strictObject({
  ...pageQuery,
  ...eventFilters,
  hasResponse: z.boolean().optional().describe('Events known to have a response, or known to have none'),
});

/** @param respondedEvents what the responses know about events */
export function eventOperations(respondedEvents: RespondedEvents): readonly Operation[] {
  const getEvents = operation({
    id: 'listRecordingEvents',
    method: 'GET',
    path: '/api/v1/recordings/{recordingId}/events',
    tag: 'Recordings',
    summary: 'List the events of a recording',
    description:
      'In order of time; an event that was delivered several times is shown once. A page may have fewer rows than `top`, ' +
      'or none, when few events match: continue while there is a `nextLink`.',
    access: 'recordings.play',
    query: eventQuery,
    success: { status: 200, description: 'A page of events', body: pageOf(eventView) },
    load: loadVisibleRecording,
    async handle({ resource, query, caller: { customerId }, services }) {
      const { cursor, top, ...filter } = query;
      const { cursors, config } = services;
      const path = `/api/v1/recordings/${resource.id}/events`;
      const scope = { ...filter, path, customerId };
      const after = cursor === undefined ? undefined : String(await cursors.verify(cursor, scope));
      const listing = { customerId, recording: resource, filter, limit: top, after };
      const { events, next } = await listEvents(services, respondedEvents, listing);
      const value = events.map(viewOfEvent);
      if (next === undefined) return { body: { value } };
      const link = { ...filter, top, cursor: await cursors.sign(next, scope) };
      return { body: { value, nextLink: pageLink(config.publicUrl + path, link) } };
    },
  });
  return [getEvents];
}

function viewOfEvent(event: ListedEvent): z.input<typeof eventView> {
  return { ...event, data: { ...event.data }, fields: event.fields && { ...event.fields } };
}
