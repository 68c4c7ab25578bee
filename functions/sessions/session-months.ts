/** The months in which a customer has sessions: what a search walks through, newest first. */
import type { Database } from '../../shared/cosmos/database';
import { documentType } from '../../shared/cosmos/document-type';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';

interface SessionMonths {
  /** One per customer. */
  id: 'all';
  /** `2026-11`, oldest first. */
  months: string[];
}

const sessionMonthsType = documentType<SessionMonths>('recording-months', { ttlSeconds: 'never' });

type Reading = Pick<Services, 'database'>;

/** Months that this process has seen listed; they are never taken off the list. */
const listed = new WeakMap<Database, Set<string>>();

/** The customer's months, newest first. */
export async function sessionMonths({ database }: Reading, customerId: string): Promise<string[]> {
  const document = await database.control(customerId).read(sessionMonthsType, 'all');
  return document?.months.toReversed() ?? [];
}

/** Lists the month, so that searches look into it. Costs nothing once this process knows it to be listed. */
export async function listMonth({ database }: Reading, customerId: string, month: string): Promise<void> {
  const known = listed.get(database) ?? new Set();
  listed.set(database, known);
  const key = `${customerId} ${month}`;
  if (known.has(key)) return;
  const control = database.control(customerId);
  await retryConflicts(async () => {
    const document = await control.read(sessionMonthsType, 'all');
    if (!document) await control.create(sessionMonthsType, { id: 'all', months: [month] });
    else if (!document.months.includes(month))
      await control.replace(sessionMonthsType, {
        ...document,
        months: [...document.months, month].toSorted(),
      });
  });
  known.add(key);
}
