/** Finds out which events have a response. */
import type { RespondedEvents } from '../../shared/events/responded-events';
import { wireId } from '../../shared/cosmos/document-type';
import { sessionMonthKey } from '../../shared/months/customer-months';
import { eventResponseType } from './event-response';

/** Ids in one query: a page of events. */
const IDS_PER_QUERY = 200;

/** Those of the events that have a response. */
export const respondedEvents: RespondedEvents = async (
  services,
  { customerId, siteId, sessionId, eventIds },
) => {
  const month = await sessionMonthKey(services, customerId, sessionId);
  const partition = services.database.responses(customerId, siteId, month);
  const responded = new Set<string>();
  for (let start = 0; start < eventIds.length; start += IDS_PER_QUERY) {
    const ids = eventIds.slice(start, start + IDS_PER_QUERY);
    const names = ids.map((_id, index) => `@id${index}`);
    const found = await partition.query<string>(
      `SELECT VALUE c.id FROM c WHERE c.type = '${eventResponseType.name}' AND c.id IN (${names.join(', ')})`,
      ids.map((id, index) => ({ name: `@id${index}`, value: wireId(eventResponseType, id) })),
    );
    for (const id of found) responded.add(id.slice(wireId(eventResponseType, '').length));
  }
  return responded;
};
