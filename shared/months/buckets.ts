/**
 * Buckets: a logical partition holds 20 GB at most, so the month of a large customer is split by a hash of the id.
 * The key `2026-11` is the whole month, `2026-11.a` the tenth of 16 buckets, `2026-11.a7` one of 256.
 */
import { sha256Hex } from '../ids';

export type BucketCount = 1 | 16 | 256;

/** A month (`2026-11`, UTC) and into how many buckets it is split: never changed, since ids are found by it. */
export interface Month {
  month: string;
  buckets: BucketCount;
}

/** The servers of a customer that belong to a site, and those of the site that has the most. */
export interface CustomerSize {
  servers: number;
  largestSite: number;
}

/** Up to so many servers of a customer, and of a site, one bucket stays well below 20 GB a month. */
const SERVERS_PER_BUCKET = 500;
const SITE_SERVERS_PER_BUCKET = 100;

/** The buckets that the month of such a customer needs. */
export function bucketsFor({ servers, largestSite }: CustomerSize): BucketCount {
  const needed = Math.max(servers / SERVERS_PER_BUCKET, largestSite / SITE_SERVERS_PER_BUCKET);
  return needed > 16 ? 256 : needed > 1 ? 16 : 1;
}

const DIGITS: Readonly<Record<BucketCount, number>> = { 1: 0, 16: 1, 256: 2 };

/** The key of the bucket that an id lies in. */
export function monthKey({ month, buckets }: Month, id: string): string {
  return withBucket(month, sha256Hex(id).slice(0, DIGITS[buckets]));
}

/** The keys of all buckets of a month. */
export function monthKeys({ month, buckets }: Month): string[] {
  return Array.from({ length: buckets }, (_, bucket) =>
    withBucket(month, DIGITS[buckets] === 0 ? '' : bucket.toString(16).padStart(DIGITS[buckets], '0')),
  );
}

function withBucket(month: string, bucket: string): string {
  return bucket === '' ? month : `${month}.${bucket}`;
}

/** The month after one. */
export function nextMonth(month: string): string {
  const start = new Date(`${month}-01T00:00:00.000Z`);
  start.setUTCMonth(start.getUTCMonth() + 1);
  return start.toISOString().slice(0, 7);
}
