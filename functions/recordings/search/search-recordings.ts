/** Searches recordings window by window in their order; the cost of a page does not depend on how many are stored. */
import { type Stored, fromWire } from '../../../shared/cosmos/document-type';
import { monthKeys } from '../../../shared/months/buckets';
import { listedMonths } from '../../../shared/months/customer-months';
import { mergeSorted, type SortedSource } from '../../../shared/months/merge-sorted';
import type { Services } from '../../../shared/services';
import { type Recording, recordingType } from '../recording';
import { conditionsOf, type RecordingFilter } from './recording-filter';
import { COLUMNS } from './columns';
import { type Direction, windowsOf, type Window } from './time-windows';

/** What a page may cost before it is returned as it is, with a link to go on. */
export const PAGE_LIMITS = { milliseconds: 1_000, partitions: 24, requestUnits: 1_000 };

/** Rows of a window that began in the session's own month; the others are of sessions over the turn of a month. */
const SHARE_OF_OWN_MONTH = 0.95;

export type SortBy = 'startedAt' | 'durationSeconds' | 'score';

/** What is sorted by. Live recordings have neither a duration nor a score yet. */
const PROPERTIES: Readonly<Record<SortBy, string>> = {
  startedAt: 'c.startedAt',
  durationSeconds: 'c.durationSeconds',
  score: 'c.score',
};

/** Position of a row in an order, which may lie between rows: its value of the order, then its id. */
export interface Key {
  value: string | number;
  id: string;
}

export interface SearchRequest {
  filter: RecordingFilter;
  sortBy: SortBy;
  direction: Direction;
  limit: number;
  /** Rows behind this position. */
  after: Key | undefined;
}

export interface FoundRecordings {
  recordings: Stored<Recording>[];
  /** Set when there may be more behind `recordings`, since the page cost as much as it may: where to go on. */
  stoppedAt?: Key | undefined;
}

type Searching = Pick<Services, 'database' | 'clock'>;

/** Counts what a page costs. */
class Budget {
  private readonly startedAt = performance.now();
  private readonly partitions = new Set<string>();
  private requestUnits = 0;

  add(partition: string, requestUnits: number): void {
    this.partitions.add(partition);
    this.requestUnits += requestUnits;
  }

  /** Whether as much as a page may cost was spent, or would be with these partitions. */
  isSpentWith(partitions: readonly string[]): boolean {
    const more = partitions.filter((key) => !this.partitions.has(key)).length;
    return (
      performance.now() - this.startedAt >= PAGE_LIMITS.milliseconds ||
      this.requestUnits >= PAGE_LIMITS.requestUnits ||
      this.partitions.size + more > PAGE_LIMITS.partitions
    );
  }
}

/** At most `limit` matching recordings; fewer only at the end, or with `stoppedAt`. */
export async function searchRecordings(
  services: Searching,
  customerId: string,
  request: SearchRequest,
): Promise<FoundRecordings> {
  const { sortBy, filter, direction, limit, after } = request;
  const months = await listedMonths(services, customerId);
  const windows = windowsOf(months, rangeBehind(request), direction);
  const search = new Search(services, customerId, request);
  if (sortBy !== 'startedAt') {
    const all = [...new Map(windows.flatMap((window) => window.months.map((month) => [month.month, month])))];
    const range = { from: filter.from ?? '', to: filter.to ?? '9999', months: all.map(([, month]) => month) };
    return { recordings: await search.read(range, limit, after) };
  }
  const recordings: Stored<Recording>[] = [];
  for (const [index, window] of windows.entries()) {
    // The first window is searched whatever it costs, so that every page makes progress.
    if (index > 0 && search.budget.isSpentWith(keysOf(window)))
      return {
        recordings,
        stoppedAt: { value: direction === 'descending' ? window.to : window.from, id: '' },
      };
    recordings.push(...(await search.read(window, limit - recordings.length, after)));
    if (recordings.length >= limit) break;
  }
  return { recordings };
}

/** The range of time without what lies before the position. */
function rangeBehind({ filter: { from, to }, sortBy, direction, after }: SearchRequest) {
  if (!after || sortBy !== 'startedAt') return { from, to };
  const at = String(after.value);
  if (direction === 'ascending') return { from: at, to };
  // Rows of the same instant may follow, but for a position between rows.
  const behind = after.id === '' ? at : new Date(Date.parse(at) + 1).toISOString();
  return { from, to: to === undefined || behind < to ? behind : to };
}

function keysOf({ months }: Window): string[] {
  return months.flatMap((month) => monthKeys(month));
}

class Search {
  readonly budget = new Budget();
  private readonly conditions: ReturnType<typeof conditionsOf>;

  constructor(
    private readonly services: Searching,
    private readonly customerId: string,
    private readonly request: SearchRequest,
  ) {
    this.conditions = conditionsOf(request.filter);
  }

  /** Rows of a window in order, merged from its partitions. */
  async read(window: Window, limit: number, after: Key | undefined): Promise<Stored<Recording>[]> {
    const { sortBy, direction } = this.request;
    const newest = window.months
      .map(({ month }) => month)
      .toSorted()
      .at(-1);
    const sources = window.months.flatMap((month) => {
      const share = sortBy !== 'startedAt' ? 1 : month.month === newest ? SHARE_OF_OWN_MONTH : 0.05;
      return monthKeys(month).map((key): SortedSource<Stored<Recording>> => ({
        share: share / month.buckets,
        read: (rows, last) =>
          this.query(key, window, rows, last ? { value: last[sortBy] ?? 0, id: last.id } : after),
      }));
    });
    return mergeSorted(sources, byKey(sortBy, direction), limit);
  }

  private async query(key: string, { from, to }: Window, limit: number, after: Key | undefined) {
    const { sortBy, direction } = this.request;
    const turn = direction === 'descending' ? 'DESC' : 'ASC';
    const property = PROPERTIES[sortBy];
    const conditions = [
      { where: 'c.type = @type', parameters: { type: recordingType.name } },
      { where: 'c.startedAt >= @from AND c.startedAt < @to', parameters: { from, to } },
      ...(sortBy === 'startedAt' ? [] : [{ where: `IS_DEFINED(${property})`, parameters: {} }]),
      ...this.conditions,
      ...(after ? [behind(after, direction, sortBy)] : []),
    ];
    const where = conditions.map((condition) => condition.where).join(' AND ');
    const order = `c.type ${turn}, ${property} ${turn}, c.id ${turn}`;
    const text = `SELECT TOP ${limit} ${COLUMNS} FROM c WHERE ${where} ORDER BY ${order}`;
    const parameters = conditions.flatMap((condition) =>
      Object.entries(condition.parameters).map(([name, value]) => ({ name: `@${name}`, value })),
    );
    const partition = this.services.database.recordings(this.customerId, key);
    const { rows, requestUnits } = await partition.queryWithCharge<Record<string, unknown>>(text, parameters);
    this.budget.add(key, requestUnits);
    return rows.map((row) => fromWire(recordingType, row));
  }
}

/** Rows behind the position; the first comparison is implied by the rest, in a form that an index serves. */
function behind({ value, id }: Key, direction: Direction, sortBy: SortBy) {
  const [than, orAt] = direction === 'descending' ? ['<', '<='] : ['>', '>='];
  const wire = id === '' ? '' : `${recordingType.name}:${id}`;
  const property = PROPERTIES[sortBy];
  return {
    where: `${property} ${orAt} @afterValue AND (${property} ${than} @afterValue OR c.id ${than} @afterId)`,
    parameters: { afterValue: value, afterId: wire },
  };
}

function byKey(sortBy: SortBy, direction: Direction) {
  const sign = direction === 'descending' ? -1 : 1;
  return (a: Recording, b: Recording): number => {
    const [one = 0, other = 0] = [a[sortBy], b[sortBy]];
    return one === other ? sign * (a.id < b.id ? -1 : 1) : sign * (one < other ? -1 : 1);
  };
}
