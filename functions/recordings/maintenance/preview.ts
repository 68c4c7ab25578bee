/** What rules would archive and delete now (MNG-4): counted by index, month by month, within a time limit. */
import { z } from 'zod';
import { type Month, monthKeys } from '../../../shared/months/buckets';
import { listedMonths } from '../../../shared/months/customer-months';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import type { Services } from '../../../shared/services';
import { ACTIONS, dueLimits, type DueLimits, type MaintenanceAction } from './due';
import { dueCondition } from './find-due';

const amount = z
  .object({ recordings: z.int().nonnegative(), bytes: z.int().nonnegative() })
  .meta({ id: 'RecordingAmount' });
type Amount = z.output<typeof amount>;

export const maintenancePreview = z
  .object({
    asOf: z.iso.datetime().describe('The instant that ages count up to'),
    isEstimate: z
      .boolean()
      .describe(
        'Not all recordings could be counted in time: the numbers are projected from those that were',
      ),
    archive: amount.describe('What would be archived'),
    delete: amount.describe('What would be deleted, archived recordings included'),
    byMonth: z
      .array(
        z
          .object({
            month: z.string().describe('Month in which the sessions began, in UTC'),
            archive: amount,
            delete: amount,
          })
          .meta({ id: 'MaintenancePreviewMonth' }),
      )
      .describe('The same by age: months of which something would be archived or deleted, oldest first'),
  })
  .meta({ id: 'MaintenancePreview' });
export type MaintenancePreview = z.output<typeof maintenancePreview>;

/** What was counted of a month: in so many of its buckets. */
export interface MonthCount extends Month {
  counted: number;
  archive: Amount;
  delete: Amount;
}

const MAX_MILLISECONDS = 8_000;
const CONCURRENT_COUNTS = 8;
const NONE: Amount = { recordings: 0, bytes: 0 };

interface PreviewRequest {
  customerId: string;
  siteId: string;
  rules: Parameters<typeof dueLimits>[0];
  /** For tests: how long it may count. */
  maxMilliseconds?: number;
}

/**
 * Counts what would be due. The first bucket of each month is counted first, then the others: a recording lies in one of
 * chance, so that what could not be counted in time is much like what was.
 */
export async function previewMaintenance(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, siteId, rules, maxMilliseconds = MAX_MILLISECONDS }: PreviewRequest,
): Promise<MaintenancePreview> {
  const now = services.clock.now();
  const limits = dueLimits(rules, now);
  const latest = (limits.archive ?? '') > (limits.delete ?? '') ? limits.archive : limits.delete;
  const months = (await listedMonths(services, customerId))
    .filter(({ month }) => latest !== undefined && month <= latest.slice(0, month.length))
    .map((month): MonthCount => ({ ...month, counted: 0, archive: NONE, delete: NONE }));
  const buckets = months
    .flatMap((month) => monthKeys(month).map((key, bucket) => ({ month, key, bucket })))
    .toSorted((a, b) => a.bucket - b.bucket);
  const until = performance.now() + maxMilliseconds;
  await mapConcurrently(buckets, CONCURRENT_COUNTS, async ({ month, key }) => {
    if (performance.now() > until) return;
    for (const action of ACTIONS) {
      const found = await countDue(services, { customerId, siteId, limits, action, monthKey: key });
      month[action] = sum([month[action], found]);
    }
    month.counted++;
  });
  return { asOf: now.toISOString(), ...project(months) };
}

/** The numbers of a whole site, projected where not every bucket was counted. Pure. */
export function project(months: readonly MonthCount[]): Omit<MaintenancePreview, 'asOf'> {
  const seen = months.filter(({ counted }) => counted > 0).map(scaled);
  const mean = (action: MaintenanceAction) =>
    times(sum(seen.map((one) => one[action])), 1 / (seen.length || 1));
  const all = months.map((one) =>
    one.counted > 0 ? scaled(one) : { month: one.month, archive: mean('archive'), delete: mean('delete') },
  );
  return {
    isEstimate: months.some(({ counted, buckets }) => counted < buckets),
    archive: sum(all.map(({ archive }) => archive)),
    delete: sum(all.map((one) => one.delete)),
    byMonth: all
      .filter((one) => one.archive.recordings + one.delete.recordings > 0)
      .toSorted((a, b) => a.month.localeCompare(b.month)),
  };
}

function scaled(one: MonthCount) {
  const factor = one.buckets / one.counted;
  return { month: one.month, archive: times(one.archive, factor), delete: times(one.delete, factor) };
}

interface CountRequest {
  customerId: string;
  siteId: string;
  limits: DueLimits;
  action: MaintenanceAction;
  monthKey: string;
}

/** What is due for one action in a month or bucket, and not due to be deleted as well. */
async function countDue(
  { database }: Pick<Services, 'database'>,
  { customerId, siteId, limits, action, monthKey }: CountRequest,
): Promise<Amount> {
  const limit = limits[action];
  if (limit === undefined) return NONE;
  const isDeletedInstead = action === 'archive' && limits.delete !== undefined;
  const [row] = await database
    .recordings(customerId, monthKey)
    .query<{ recordings: number; bytes?: number }>(
      `SELECT COUNT(1) AS recordings, SUM(c.sizeBytes) AS bytes FROM c WHERE ${dueCondition(action)}${isDeletedInstead ? ' AND c.endedAt > @deleteLimit' : ''}`,
      [
        { name: '@siteId', value: siteId },
        { name: '@limit', value: limit },
        ...(isDeletedInstead ? [{ name: '@deleteLimit', value: limits.delete ?? '' }] : []),
      ],
    );
  return { recordings: row?.recordings ?? 0, bytes: row?.bytes ?? 0 };
}

function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce(
    (total, { recordings, bytes }) => ({
      recordings: total.recordings + recordings,
      bytes: total.bytes + bytes,
    }),
    NONE,
  );
}

function times({ recordings, bytes }: Amount, factor: number): Amount {
  return { recordings: Math.round(recordings * factor), bytes: Math.round(bytes * factor) };
}
