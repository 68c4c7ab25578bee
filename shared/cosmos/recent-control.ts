/**
 * Some types of a customer's `control` partition, read together with one query and kept for some seconds: many servers
 * that ask for the same or for neighboring documents cost one read.
 */
import type { Clock } from '../clock';
import { FreshCache } from '../pure/fresh-cache';
import type { Database } from './database';
import { type DocumentBody, type DocumentType, fromWire, type Stored, wireId } from './document-type';
import type { Partition } from './partition';

/** What reads single documents of `control`: the database, or this cache of it. */
export interface ControlReader {
  control(customerId: string): Pick<Partition, 'read'>;
}

interface Snapshot {
  documents: ReadonlyMap<string, Record<string, unknown>>;
  /** Of `OwnWrites`, before it was read. */
  writes: number;
}

interface RecentControlOptions {
  /** Names of the types that are read together; documents of others are read one by one. */
  types: readonly string[];
  maxAgeMilliseconds: number;
  maxCustomers: number;
}

export class RecentControl implements ControlReader {
  private readonly snapshots: FreshCache<Snapshot>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly options: RecentControlOptions,
  ) {
    const { maxAgeMilliseconds, maxCustomers: maxEntries } = options;
    this.snapshots = new FreshCache({ maxAgeMilliseconds, maxEntries });
  }

  /** Reads answer what was stored within the maximum age, and what this process itself wrote since. */
  control(customerId: string): Pick<Partition, 'read'> {
    return { read: (type, id) => this.read(customerId, type, id) };
  }

  private async read<T extends DocumentBody>(
    customerId: string,
    type: DocumentType<T>,
    id: string,
  ): Promise<Stored<T> | undefined> {
    const { database, options } = this;
    if (!options.types.includes(type.name)) return database.control(customerId).read(type, id);
    const now = this.clock.now().getTime();
    const { documents, writes } = await this.snapshots.get(customerId, now, () => this.readAll(customerId));
    if (database.isWrittenSince(customerId, wireId(type, id), writes))
      return database.control(customerId).read(type, id);
    const wire = documents.get(wireId(type, id));
    return wire && fromWire(type, wire);
  }

  private async readAll(customerId: string): Promise<Snapshot> {
    const writes = this.database.ownWrites();
    const documents = await this.database.control(customerId).readTypes(this.options.types);
    return { documents, writes };
  }
}
