/**
 * The months in which a customer has sessions and log entries, and the buckets of each. Whoever writes lists the month
 * first, so what exists can be found; a listed month never changes, so that every process knows it once and for all.
 */
import type { Database } from '../cosmos/database';
import { documentType } from '../cosmos/document-type';
import { retryConflicts } from '../cosmos/retry';
import { monthOf, monthOfSession } from '../ids';
import type { Services } from '../services';
import { type BucketCount, type Month, monthKey, nextMonth } from './buckets';

export interface CustomerMonths {
  /** One per customer. */
  id: 'all';
  /** `2026-11`, oldest first. */
  months: string[];
  /** Of the months that are split; the others have one bucket. */
  buckets?: Partial<Record<string, BucketCount>> | undefined;
  /** When the month after the newest is to be listed; RFC 3339 UTC. Absent in documents of before there were buckets. */
  dueAt?: string | undefined;
}

/** Named for what it held first. */
export const customerMonthsType = documentType<CustomerMonths>('recording-months', { ttlSeconds: 'never' });

type Reading = Pick<Services, 'database'>;

interface Known {
  months: Map<string, Month>;
  /** On the process's own clock. */
  readAtMilliseconds: number;
}

/** What this process knows of each customer. */
const knownMonths = new WeakMap<Database, Map<string, Known>>();

/** The document is looked at again in the background, so that a new month, listed a week ahead, is known when it begins. */
const REFRESH_MILLISECONDS = 6 * 3_600_000;
/** A week. */
const LEAD_MILLISECONDS = 7 * 86_400_000;
/** Clocks of instances differ by less. */
const CLOCK_SKEW_MILLISECONDS = 60_000;

/** The customer's months that have begun, newest first. */
export async function listedMonths(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  customerId: string,
): Promise<Month[]> {
  const newest = monthOf(new Date(clock.now().getTime() + CLOCK_SKEW_MILLISECONDS));
  const { months } = await read({ database }, customerId);
  return [...months.values()]
    .filter(({ month }) => month <= newest)
    .sort((a, b) => (a.month < b.month ? 1 : -1));
}

/** Lists the month unless it is listed, with as many buckets as the one before. Costs nothing once this process knows it. */
export async function openMonth(services: Reading, customerId: string, month: string): Promise<Month> {
  const known = await findMonth(services, customerId, month);
  if (known) return known;
  const control = services.database.control(customerId);
  const listed = await retryConflicts(async () => {
    const document = await control.read(customerMonthsType, 'all');
    if (document?.months.includes(month)) return document;
    const next = withMonth(document, { month, buckets: bucketsBefore(document, month) });
    return document
      ? control.replace(customerMonthsType, { ...next, etag: document.etag })
      : control.create(customerMonthsType, next);
  });
  return remember(services, customerId, listed).months.get(month) ?? { month, buckets: 1 };
}

/** The key of the partition that an id of a month lies in, such as `2026-11` or `2026-11.a`. */
export async function monthKeyOf(
  services: Reading,
  customerId: string,
  month: string,
  id: string,
): Promise<string> {
  // A month that is not listed has nothing yet, and what was there before it could be listed lies in one bucket.
  return monthKey((await findMonth(services, customerId, month)) ?? { month, buckets: 1 }, id);
}

/** The key of the partitions of a session, its recordings and the responses to its events. */
export function sessionMonthKey(services: Reading, customerId: string, sessionId: string): Promise<string> {
  return monthKeyOf(services, customerId, monthOfSession(sessionId), sessionId);
}

/** The document with one month more. */
export function withMonth(
  document: CustomerMonths | undefined,
  { month, buckets }: Month,
): CustomerMonths & { dueAt: string } {
  const months = [...(document?.months ?? []), month].toSorted();
  return {
    id: 'all',
    months,
    buckets: buckets === 1 ? document?.buckets : { ...document?.buckets, [month]: buckets },
    dueAt: dueBefore(nextMonth(months.at(-1) ?? month)),
  };
}

/** When a month is to be listed: a week before it begins. */
export function dueBefore(month: string): string {
  return new Date(Date.parse(`${month}-01T00:00:00.000Z`) - LEAD_MILLISECONDS).toISOString();
}

/** The month that is to be listed at an instant. */
export function monthToPrepare(now: Date): string {
  return monthOf(new Date(now.getTime() + LEAD_MILLISECONDS));
}

function bucketsBefore(document: CustomerMonths | undefined, month: string): BucketCount {
  const before = document?.months.findLast((listed) => listed < month);
  return (before !== undefined && document?.buckets?.[before]) || 1;
}

async function findMonth(services: Reading, customerId: string, month: string): Promise<Month | undefined> {
  const known = knownMonths.get(services.database)?.get(customerId);
  const found = known?.months.get(month);
  if (!known || !found) return (await read(services, customerId)).months.get(month);
  if (performance.now() - known.readAtMilliseconds > REFRESH_MILLISECONDS) {
    known.readAtMilliseconds = performance.now();
    // Nobody waits for it; where it fails, whoever needs a month that is not known yet reads it.
    read(services, customerId).catch(() => undefined);
  }
  return found;
}

async function read(services: Reading, customerId: string): Promise<Known> {
  const document = await services.database.control(customerId).read(customerMonthsType, 'all');
  return remember(services, customerId, document);
}

function remember({ database }: Reading, customerId: string, document: CustomerMonths | undefined): Known {
  const customers = knownMonths.get(database) ?? new Map<string, Known>();
  knownMonths.set(database, customers);
  // What was seen once stays: a read that lags behind takes nothing away.
  const months = new Map(customers.get(customerId)?.months);
  for (const month of document?.months ?? [])
    months.set(month, { month, buckets: document?.buckets?.[month] ?? 1 });
  const known = { months, readAtMilliseconds: performance.now() };
  if (document) customers.set(customerId, known);
  return known;
}
