/** What rules would archive and delete now (MNG-4): counted by index, month by month, within a time limit. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { wireId } from '../../../shared/cosmos/document-type';
import { sha256Hex } from '../../../shared/ids';
import { type BucketCount, type Month, monthKeys, nextMonth } from '../../../shared/months/buckets';
import { listedMonths } from '../../../shared/months/customer-months';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import type { Services } from '../../../shared/services';
import { recordingType } from '../recording';
import { dueLimits, type DueLimits, type MaintenanceAction } from './due';
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

/** What was counted of a month: in so many of its parts. */
export interface MonthCount {
  month: string;
  parts: number;
  counted: number;
  archive: Amount;
  delete: Amount;
}

/** A part of a month: some days of a bucket, few enough to be counted in a second or two. */
interface Part {
  month: MonthCount;
  monthKey: string;
  /** Recordings whose id lies between them. */
  from: string;
  to: string;
}

const MAX_MILLISECONDS = 8_000;
const CONCURRENT_COUNTS = 8;
/** Into how many ranges of days each bucket is divided, by the number of buckets. */
const RANGES: Readonly<Record<BucketCount, number>> = { 1: 31, 16: 8, 256: 1 };
const NONE: Amount = { recordings: 0, bytes: 0 };

interface PreviewRequest {
  customerId: string;
  siteId: string;
  rules: Parameters<typeof dueLimits>[0];
  /** For tests: how long it may count. */
  maxMilliseconds?: number;
}

/**
 * Counts what would be due, in parts of months in an order of chance that begins in every month: what could not be counted
 * in time is much like what was.
 */
export async function previewMaintenance(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, siteId, rules, maxMilliseconds = MAX_MILLISECONDS }: PreviewRequest,
): Promise<MaintenancePreview> {
  const now = services.clock.now();
  const limits = dueLimits(rules, now);
  const latest = (limits.archive ?? '') > (limits.delete ?? '') ? limits.archive : limits.delete;
  const divided = (await listedMonths(services, customerId))
    .filter(({ month }) => latest !== undefined && month <= latest.slice(0, month.length))
    .map(divide);
  const parts = divided
    .flatMap((ofMonth) => ofMonth.parts.map((part, rank) => ({ part, rank })))
    .toSorted((a, b) => a.rank - b.rank);
  const until = performance.now() + maxMilliseconds;
  await mapConcurrently(parts, CONCURRENT_COUNTS, async ({ part }) => {
    if (performance.now() > until) return;
    const counting = countPart(services, { customerId, siteId, limits }, part);
    const found = await unlessLate(until, counting);
    if (!found) return;
    part.month.archive = sum([part.month.archive, found.archive]);
    part.month.delete = sum([part.month.delete, found.delete]);
    part.month.counted++;
  });
  return { asOf: now.toISOString(), ...project(divided.map(({ month }) => month)) };
}

/** The parts of a month, in an order of chance that is always the same. */
function divide(listed: Month): { month: MonthCount; parts: Part[] } {
  const keys = monthKeys(listed);
  const ranges = RANGES[listed.buckets];
  const begin = Date.parse(`${listed.month}-01T00:00:00.000Z`);
  const end = Date.parse(`${nextMonth(listed.month)}-01T00:00:00.000Z`);
  const idAt = (range: number) => firstIdAt(Math.floor(begin + ((end - begin) * range) / ranges));
  const month = {
    month: listed.month,
    parts: keys.length * ranges,
    counted: 0,
    archive: NONE,
    delete: NONE,
  };
  const parts = keys.flatMap((monthKey) =>
    Array.from({ length: ranges }, (_, range) => ({
      month,
      monthKey,
      from: idAt(range),
      to: idAt(range + 1),
    })),
  );
  const chance = new Map(parts.map((part) => [part, sha256Hex(part.monthKey + part.from)]));
  return { month, parts: parts.toSorted((a, b) => (chance.get(a) ?? '').localeCompare(chance.get(b) ?? '')) };
}

/** What precedes the id of every session that began at this instant or later. */
function firstIdAt(milliseconds: number): string {
  const hex = milliseconds.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** The value; undefined when it does not come in time. */
async function unlessLate<T>(until: number, value: Promise<T>): Promise<T | undefined> {
  const late = new AbortController();
  const left = Math.max(0, until - performance.now());
  try {
    // Nobody waits for a late one, nor for its error.
    value.catch(() => undefined);
    const timeout = sleep(left, undefined, { signal: late.signal }).catch(() => undefined);
    return await Promise.race([value, timeout]);
  } finally {
    late.abort();
  }
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
    isEstimate: months.some(({ counted, parts }) => counted < parts),
    archive: sum(all.map(({ archive }) => archive)),
    delete: sum(all.map((one) => one.delete)),
    byMonth: all
      .filter((one) => one.archive.recordings + one.delete.recordings > 0)
      .toSorted((a, b) => a.month.localeCompare(b.month)),
  };
}

function scaled(one: MonthCount) {
  const factor = one.parts / one.counted;
  return { month: one.month, archive: times(one.archive, factor), delete: times(one.delete, factor) };
}

interface CountRequest {
  customerId: string;
  siteId: string;
  limits: DueLimits;
}

async function countPart(
  services: Pick<Services, 'database'>,
  request: CountRequest,
  part: Part,
): Promise<Record<MaintenanceAction, Amount>> {
  return {
    archive: await countDue(services, request, part, 'archive'),
    delete: await countDue(services, request, part, 'delete'),
  };
}

/** What is due for one action in a part, and not due to be deleted as well. */
async function countDue(
  { database }: Pick<Services, 'database'>,
  { customerId, siteId, limits }: CountRequest,
  { monthKey, from, to }: Part,
  action: MaintenanceAction,
): Promise<Amount> {
  const limit = limits[action];
  if (limit === undefined) return NONE;
  const isDeletedInstead = action === 'archive' && limits.delete !== undefined;
  const [row] = await database
    .recordings(customerId, monthKey)
    .query<{ recordings: number; bytes?: number }>(
      `SELECT COUNT(1) AS recordings, SUM(c.sizeBytes) AS bytes FROM c WHERE ${dueCondition(action)} AND c.id >= @from AND c.id < @to${isDeletedInstead ? ' AND c.endedAt > @deleteLimit' : ''}`,
      [
        { name: '@siteId', value: siteId },
        { name: '@limit', value: limit },
        { name: '@from', value: wireId(recordingType, from) },
        { name: '@to', value: wireId(recordingType, to) },
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
