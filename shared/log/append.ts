/**
 * The `log` container: administrator log and activity feed, by customer and month. What belongs to a change of the
 * `control` partition is created there, in its batch, and moved here (move-log-entries.ts); everything else is appended.
 */
import type { DocumentType } from '../cosmos/document-type';
import type { Partition } from '../cosmos/partition';
import { monthKey } from '../months/buckets';
import { openMonth } from '../months/customer-months';
import type { Services } from '../services';

export interface LogEntry {
  id: string;
  /** RFC 3339 UTC. */
  at: string;
}

type Appending = Pick<Services, 'database'>;

/** The partition of an entry. */
export async function logPartition(
  services: Appending,
  customerId: string,
  { id, at }: LogEntry,
): Promise<Partition> {
  const month = await openMonth(services, customerId, at.slice(0, '2026-11'.length));
  return services.database.log(customerId, monthKey(month, id));
}

/** Appends an entry. A repeat changes nothing. */
export async function appendToLog<T extends LogEntry>(
  services: Appending,
  customerId: string,
  type: DocumentType<T>,
  entry: T,
): Promise<void> {
  const partition = await logPartition(services, customerId, entry);
  await partition.createIfAbsent(type, entry);
}
