/** Lists the next month of each customer a week ahead, with the buckets that it will need. */
import { DocumentStale } from '../cosmos/errors';
import type { Services } from '../services';
import type { Log } from '../telemetry/telemetry';
import { bucketsFor, type CustomerSize, nextMonth } from './buckets';
import { customerMonthsType, dueBefore, monthToPrepare, withMonth } from './customer-months';

type Preparing = Pick<Services, 'database' | 'clock'>;

/** Counts a customer's servers. */
type SizeOf = (services: Preparing, customerId: string) => Promise<CustomerSize>;

/** Of one run; the next one goes on. */
const MAX_CUSTOMERS = 1_000;

/** Lists the month that begins within a week for every customer that has servers. */
export async function prepareMonths(services: Preparing, log: Log, sizeOf: SizeOf): Promise<void> {
  const due = services.database.sweep<{ customerId: string }>(
    'control',
    // Documents of before there were buckets have no instant yet.
    `SELECT c.customerId FROM c WHERE c.type = 'recording-months' AND (c.dueAt <= @now OR NOT IS_DEFINED(c.dueAt))`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  let prepared = 0;
  for await (const { customerId } of due) {
    if (prepared++ === MAX_CUSTOMERS) break;
    try {
      await prepareMonth(services, customerId, sizeOf);
    } catch (error) {
      log.error('month.not-prepared', error, { customerId });
    }
  }
}

async function prepareMonth(services: Preparing, customerId: string, sizeOf: SizeOf): Promise<void> {
  const control = services.database.control(customerId);
  const document = await control.read(customerMonthsType, 'all');
  const now = services.clock.now();
  if (!document || (document.dueAt !== undefined && document.dueAt > now.toISOString())) return;
  const month = monthToPrepare(now);
  const size = await sizeOf(services, customerId);
  const next =
    size.servers === 0 || document.months.includes(month)
      ? { ...document, dueAt: dueBefore(nextMonth(month)) }
      : withMonth(document, { month, buckets: bucketsFor(size) });
  try {
    await control.replace(customerMonthsType, { ...next, etag: document.etag });
  } catch (error) {
    // Somebody listed a month meanwhile; if it was another one, the next run lists this.
    if (!(error instanceof DocumentStale)) throw error;
  }
}
