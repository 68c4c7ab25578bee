/** Lists recordings month by month, newest first: a page costs the same however many there are. */
import { monthOf, monthOfSession } from '../../shared/ids';
import { type Month, monthKeys } from '../../shared/months/buckets';
import { listedMonths } from '../../shared/months/customer-months';
import { mergeSorted } from '../../shared/months/merge-sorted';
import type { Services } from '../../shared/services';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Recording, type RecordingState, recordingType } from './recording';

/** No session is longer: a part that lies in the time asked for began in a session of at most so long before. */
const LONGEST_SESSION_DAYS = 31;
const DAY_MILLISECONDS = 86_400_000;

export interface RecordingFilter {
  siteId?: string | undefined;
  serverId?: string | undefined;
  /** The beginning of the user's name, with or without its domain; case does not matter. */
  userName?: string | undefined;
  states: readonly RecordingState[];
  /** Those to which access is restricted, instead of all others. */
  restricted: boolean;
  /** RFC 3339 UTC: recordings that began then or later. */
  from?: string | undefined;
  /** RFC 3339 UTC: recordings that began before. */
  to?: string | undefined;
}

/** At most `limit` recordings behind the one whose id is `after`: by start of the session, then part, newest first. */
export async function listRecordings(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  filter: RecordingFilter,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<Stored<Recording>[]> {
  const months = monthsToSearch(await listedMonths(services, customerId), filter, after);
  const query = toQuery(filter);
  const found: Stored<Recording>[] = [];
  for (const month of months) {
    const buckets = monthKeys(month).map((key) => {
      const partition = services.database.recordings(customerId, key);
      const page = { ...query, order: 'descending' } as const;
      return {
        share: 1 / month.buckets,
        read: (rows: number, last: Recording | undefined) =>
          partition.list(recordingType, { ...page, after: last?.id ?? after, limit: rows }),
      };
    });
    found.push(...(await mergeSorted(buckets, byIdDescending, limit - found.length)));
    if (found.length >= limit) break;
  }
  return found;
}

/** Of the months that exist, newest first, those that can hold what is asked for. */
export function monthsToSearch(
  months: readonly Month[],
  { from, to }: Pick<RecordingFilter, 'from' | 'to'>,
  after: string | undefined,
): Month[] {
  const newest = [...(to ? [monthOf(new Date(to))] : []), ...(after ? [monthOfSession(after)] : [])];
  const oldest = from && monthOf(new Date(Date.parse(from) - LONGEST_SESSION_DAYS * DAY_MILLISECONDS));
  return months.filter(
    ({ month }) => newest.every((limit) => month <= limit) && (!oldest || month >= oldest),
  );
}

function byIdDescending(a: Recording, b: Recording): number {
  return a.id < b.id ? 1 : -1;
}

/** The condition of a filter; states are constants of this service, everything else is a parameter. */
function toQuery({ siteId, serverId, userName, states, restricted, from, to }: RecordingFilter) {
  const conditions: [string, Record<string, string>][] = [
    [`c.state IN (${states.map((state) => `'${state}'`).join(', ')})`, {}],
    [`${restricted ? '' : 'NOT '}IS_DEFINED(c.restrictedAt)`, {}],
  ];
  if (siteId !== undefined) conditions.push(['c.siteId = @siteId', { siteId }]);
  if (serverId !== undefined) conditions.push(['c.serverId = @serverId', { serverId }]);
  if (userName !== undefined) {
    const user = userName.toLowerCase();
    conditions.push(['(STARTSWITH(c.userKey, @user) OR STARTSWITH(c.accountKey, @user))', { user }]);
  }
  if (from !== undefined) conditions.push(['c.startedAt >= @from', { from }]);
  if (to !== undefined) conditions.push(['c.startedAt < @to', { to }]);
  return {
    where: conditions.map(([condition]) => condition).join(' AND '),
    parameters: Object.assign({}, ...conditions.map(([, parameters]) => parameters)) as Record<
      string,
      string
    >,
  };
}
