/** Reads the log of decisions of a site: newest first, across the months that its partitions go by. */
import { fromWire, type Stored } from '../../shared/cosmos/document-type';
import { byTimeDescending, parsePosition, positionOf } from '../../shared/cosmos/time-order';
import { isUuid, monthOf } from '../../shared/ids';
import { monthKeys } from '../../shared/months/buckets';
import { listedMonths, sessionMonthKey } from '../../shared/months/customer-months';
import { mergeSorted } from '../../shared/months/merge-sorted';
import type { Services } from '../../shared/services';
import type { Action } from '../policies/engine';
import { type ActionState, type EventResponse, eventResponseType } from './event-response';

/** A response is kept for 90 days, and answers an event of a session that began, and may have been spooled, a year before. */
const REACH_DAYS = 90 + 366;

export interface ResponseFilter {
  sessionId?: string | undefined;
  ruleId?: string | undefined;
  /** Those with an action of this kind, */
  action?: Action | undefined;
  /** in one of these states. */
  states?: readonly ActionState[] | undefined;
  /** RFC 3339 UTC: from this instant on, and before that one. */
  from?: string | undefined;
  to?: string | undefined;
}

/** At most `limit` responses behind a position. */
export async function listResponses(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  siteId: string,
  filter: ResponseFilter,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<Stored<EventResponse>[]> {
  const buckets = await bucketsToSearch(services, customerId, filter);
  const sources = buckets.map(({ key, share }) => ({
    share,
    read: async (rows: number, last: EventResponse | undefined) => {
      const { text, parameters } = query(filter, rows, last ? positionOf(last) : after);
      const partition = services.database.responses(customerId, siteId, key);
      const found = await partition.query<Record<string, unknown>>(text, parameters);
      return found.map((wire) => fromWire(eventResponseType, wire));
    },
  }));
  return mergeSorted(sources, byTimeDescending, limit);
}

function query(filter: ResponseFilter, limit: number, after: string | undefined) {
  const { sessionId, ruleId, from, to } = filter;
  const { at, id } = parsePosition(after);
  const given = Object.entries({ sessionId, ruleId, from, to, at }).filter(
    ([, value]) => value !== undefined,
  );
  const conditions: Record<string, string> = {
    sessionId: 'c.sessionId = @sessionId',
    ruleId: 'c.ruleId = @ruleId',
    from: 'c.at >= @from',
    to: 'c.at < @to',
    at: '(c.at < @at OR (c.at = @at AND c.id < @id))',
  };
  const where = [
    `c.type = '${eventResponseType.name}'`,
    ...actionCondition(filter),
    ...given.map(([name]) => conditions[name] ?? ''),
  ];
  const parameters = given.map(([name, value]) => ({ name: `@${name}`, value: String(value) }));
  if (id !== undefined) parameters.push({ name: '@id', value: `${eventResponseType.name}:${id}` });
  return {
    text: `SELECT TOP ${limit} * FROM c WHERE ${where.join(' AND ')} ORDER BY c.at DESC, c.id DESC`,
    parameters,
  };
}

/** Kinds and states are constants of this service. */
function actionCondition({ action, states }: ResponseFilter): string[] {
  if (action === undefined && states === undefined) return [];
  const sought = states?.map((state) => (action === undefined ? state : `${action} ${state}`)) ?? [action];
  return [`(${sought.map((text) => `ARRAY_CONTAINS(c.searchedBy, '${text}')`).join(' OR ')})`];
}

/** The keys of the months of the customer's sessions whose responses can be in the list, and the share of its month. */
async function bucketsToSearch(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { sessionId }: ResponseFilter,
): Promise<{ key: string; share: number }[]> {
  if (sessionId !== undefined) {
    if (!isUuid(sessionId)) return [];
    return [{ key: await sessionMonthKey(services, customerId, sessionId), share: 1 }];
  }
  const oldest = monthOf(new Date(services.clock.now().getTime() - REACH_DAYS * 86_400_000));
  const months = (await listedMonths(services, customerId)).filter(({ month }) => month >= oldest);
  return months.flatMap((month) => monthKeys(month).map((key) => ({ key, share: 1 / month.buckets })));
}
