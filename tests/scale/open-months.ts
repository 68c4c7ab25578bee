/** For tests: a customer whose months have these buckets. */
import { type BucketCount } from '../../shared/months/buckets';
import { customerMonthsType } from '../../shared/months/customer-months';
import type { Services } from '../../shared/services';

export async function openMonths(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  buckets: Record<string, BucketCount>,
): Promise<void> {
  const months = Object.keys(buckets).sort();
  await database.control(customerId).create(customerMonthsType, { id: 'all', months, buckets });
}
