/**
 * Moves log entries from `control`, where they were created in the batch of their change, to `log`: an outbox, since a
 * batch reaches one partition only. Each entry is copied under its id and released afterwards: a crash in between copies
 * it again, which changes nothing.
 */
import { type ActivityEvent, activityEventType } from '../activity/activity-event';
import { type AuditEntry, auditEntryType } from '../audit/audit-entry';
import { type DocumentType, fromWire, type Stored } from '../cosmos/document-type';
import { DocumentGone } from '../cosmos/errors';
import { type Change, change, type Partition } from '../cosmos/partition';
import type { Services } from '../services';
import type { Log } from '../telemetry/telemetry';
import { appendToLog, type LogEntry } from './append';

type Moving = Pick<Services, 'database' | 'clock'>;

/** A type of entries, and the write that takes one out of `control`. */
interface Outbox<T extends LogEntry> {
  type: DocumentType<T>;
  release: (id: string) => Change;
}

/** An Idempotency-Key is known for a day, and a request that was resumed late that day for one more. */
const REPEATABLE_SECONDS = 2 * 86_400;

/**
 * A repeated request knows by the id of its audit entry that its changes went through: the id stays taken in `control`,
 * under another type, until nothing can be repeated any more.
 */
const auditOutbox: Outbox<AuditEntry> = {
  type: auditEntryType,
  release: (id) =>
    change.patch(auditEntryType, id, [
      { op: 'set', path: '/type', value: 'moved-audit' },
      { op: 'set', path: '/ttl', value: REPEATABLE_SECONDS },
    ]),
};

const activityOutbox: Outbox<ActivityEvent> = {
  type: activityEventType,
  release: (id) => change.remove(activityEventType, id),
};

/** Entries are moved once the clocks of all instances are beyond their time, so that they come in their order. */
const SETTLED_MILLISECONDS = 2 * 60_000;
/** One transaction takes so many. */
const BATCH = 100;
const PARALLEL_COPIES = 16;
/** Of one customer, and of all customers, in one run; the next one goes on. */
const MAX_ENTRIES_PER_CUSTOMER = 10_000;
const MAX_ENTRIES = 50_000;

/**
 * Moves the entries that wait; a failure for one customer does not stop the others. The query names each customer once
 * per entry: DISTINCT across partitions would be work for this process all the same.
 */
export async function moveLogEntries(services: Moving, log: Log): Promise<void> {
  const before = new Date(services.clock.now().getTime() - SETTLED_MILLISECONDS).toISOString();
  const customers = services.database.sweep<string>(
    'control',
    `SELECT VALUE c.customerId FROM c WHERE c.type IN (@audit, @activity) AND c.at <= @before`,
    [
      { name: '@audit', value: auditEntryType.name },
      { name: '@activity', value: activityEventType.name },
      { name: '@before', value: before },
    ],
  );
  let moved = 0;
  const visited = new Set<string>();
  for await (const customerId of customers) {
    if (moved >= MAX_ENTRIES) break;
    if (visited.has(customerId)) continue;
    visited.add(customerId);
    try {
      moved += await moveEntries(services, customerId, auditOutbox, before);
      moved += await moveEntries(services, customerId, activityOutbox, before);
    } catch (error) {
      log.error('log.not-moved', error, { customerId });
    }
  }
}

async function moveEntries<T extends LogEntry>(
  services: Moving,
  customerId: string,
  outbox: Outbox<T>,
  before: string,
): Promise<number> {
  const control = services.database.control(customerId);
  let moved = 0;
  while (moved < MAX_ENTRIES_PER_CUSTOMER) {
    const entries = await oldestEntries(control, outbox.type, before);
    await copyToLog(services, customerId, outbox, entries);
    // What is to be known of entries before they leave `control`, such as a seal over them, is written here.
    await releaseEntries(control, outbox, entries);
    moved += entries.length;
    if (entries.length < BATCH) break;
  }
  return moved;
}

/** The oldest entries that wait, in the order in which they were written. */
async function oldestEntries<T extends LogEntry>(
  control: Partition,
  type: DocumentType<T>,
  before: string,
): Promise<Stored<T>[]> {
  const found = await control.query<Record<string, unknown> & { _ts: number; id: string }>(
    `SELECT TOP ${BATCH} * FROM c WHERE c.type = @type AND c.at <= @before ORDER BY c.type, c.at, c.id`,
    [
      { name: '@type', value: type.name },
      { name: '@before', value: before },
    ],
  );
  return found.sort((a, b) => a._ts - b._ts || (a.id < b.id ? -1 : 1)).map((wire) => fromWire(type, wire));
}

async function copyToLog<T extends LogEntry>(
  services: Moving,
  customerId: string,
  { type }: Outbox<T>,
  entries: readonly T[],
): Promise<void> {
  for (let start = 0; start < entries.length; start += PARALLEL_COPIES) {
    const some = entries.slice(start, start + PARALLEL_COPIES);
    await Promise.all(some.map((entry) => appendToLog(services, customerId, type, entry)));
  }
}

async function releaseEntries<T extends LogEntry>(
  control: Partition,
  { release }: Outbox<T>,
  entries: readonly T[],
): Promise<void> {
  const changes = entries.map(({ id }) => release(id));
  if (changes.length === 0) return;
  try {
    await control.commit(changes);
  } catch (error) {
    if (!(error instanceof DocumentGone)) throw error;
    // Another run released some of them meanwhile.
    for (const one of changes) {
      await control.commit([one]).catch((failure: unknown) => {
        if (!(failure instanceof DocumentGone)) throw failure;
      });
    }
  }
}
