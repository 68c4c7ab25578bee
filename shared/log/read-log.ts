/** Reads the administrator log and the activity feed: what was moved to `log`, and what waits for it in `control`. */
import type { SqlParameter } from '@azure/cosmos';
import { type DocumentType, fromWire, type Stored, wireId } from '../cosmos/document-type';
import type { Partition } from '../cosmos/partition';
import { byTimeDescending, parsePosition, positionOf } from '../cosmos/time-order';
import { type Month, monthKeys } from '../months/buckets';
import { listedMonths } from '../months/customer-months';
import { mergeSorted } from '../months/merge-sorted';
import type { Services } from '../services';
import type { LogEntry } from './append';

export interface LogQuery {
  /** A condition on `c` beside type and time; only indexed fields. */
  where?: string;
  parameters?: Record<string, string | number | boolean>;
  /** RFC 3339 UTC: entries of that instant or later. */
  from?: string | undefined;
  /** RFC 3339 UTC: entries of before. */
  to?: string | undefined;
  /** `positionOf` the last entry of the page before. */
  after?: string | undefined;
  limit: number;
}

/** At most `limit` entries of a type, newest first. */
export async function readLog<T extends LogEntry>(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  type: DocumentType<T>,
  query: LogQuery,
): Promise<Stored<T>[]> {
  // First what waits: an entry that is moved meanwhile is in the log before it leaves, so it is seen at least once.
  const waiting = await read(services.database.control(customerId), type, query);
  const months = monthsToSearch(await listedMonths(services, customerId), query);
  const moved: Stored<T>[] = [];
  for (const month of months) {
    if (moved.length >= query.limit) break;
    const buckets = monthKeys(month).map((key) => ({
      share: 1 / month.buckets,
      read: (limit: number, last: T | undefined) =>
        read(services.database.log(customerId, key), type, {
          ...query,
          limit,
          after: last ? positionOf(last) : query.after,
        }),
    }));
    moved.push(...(await mergeSorted(buckets, byTimeDescending, query.limit - moved.length)));
  }
  const all = new Map([...waiting, ...moved].map((entry) => [entry.id, entry]));
  return [...all.values()].sort(byTimeDescending).slice(0, query.limit);
}

function monthsToSearch(months: readonly Month[], { from, to, after }: LogQuery): Month[] {
  const { at } = parsePosition(after);
  const newest = [to, at].filter((limit) => limit !== undefined);
  return months.filter(
    ({ month }) =>
      newest.every((limit) => month <= limit.slice(0, month.length)) &&
      (from === undefined || month >= from.slice(0, month.length)),
  );
}

async function read<T extends LogEntry>(
  partition: Partition,
  type: DocumentType<T>,
  { where, parameters = {}, from, to, after, limit }: LogQuery,
): Promise<Stored<T>[]> {
  const { at, id } = parsePosition(after);
  const conditions: [string, boolean][] = [
    ['c.type = @type', true],
    [`(${where})`, where !== undefined],
    ['c.at >= @from', from !== undefined],
    ['c.at < @to', to !== undefined],
    ['(c.at < @afterAt OR (c.at = @afterAt AND c.id < @afterId))', at !== undefined],
  ];
  const values = { ...parameters, type: type.name, from, to, afterAt: at, afterId: id && wireId(type, id) };
  const given = Object.entries(values).flatMap(([name, value]): SqlParameter[] =>
    value === undefined ? [] : [{ name: `@${name}`, value }],
  );
  const text = conditions.flatMap(([condition, applies]) => (applies ? [condition] : [])).join(' AND ');
  const found = await partition.query<Record<string, unknown>>(
    `SELECT TOP ${Math.trunc(limit)} * FROM c WHERE ${text} ORDER BY c.type DESC, c.at DESC, c.id DESC`,
    given,
  );
  return found.map((wire) => fromWire(type, wire));
}
