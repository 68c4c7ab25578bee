/** The responses to events of one session, for the points of interest of its recordings. */
import { positionOf } from '../../shared/cosmos/time-order';
import type { ReadSessionResponses } from '../../shared/events/session-responses';
import { listResponses } from './list-responses';

const PAGE = 200;

export const responsesOfSession: ReadSessionResponses = async function* (
  services,
  { customerId, siteId, sessionId, from },
) {
  let after: string | undefined;
  for (;;) {
    // It was decided after it happened.
    const filter = { sessionId, from };
    const page = await listResponses(services, customerId, siteId, filter, { limit: PAGE, after });
    for (const { id, eventType, eventTime, ruleId, ruleName, actions } of page)
      yield {
        eventId: id,
        eventType,
        eventTime,
        ruleId,
        ruleName,
        actions: actions.map(({ kind, state }) => ({ kind, state })),
      };
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined) return;
    after = positionOf(last);
  }
};
