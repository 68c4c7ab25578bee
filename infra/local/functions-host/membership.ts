/** The host processes that share one storage folder, and which of them works on what. */
import { randomUUID } from 'node:crypto';
import { type HostDatabase } from './database';

const HEARTBEAT_MS = 2000;
/** A process that has not been heard of for so long has lost what it claimed, even if it still runs. */
const SILENCE_MS = 15_000;

/**
 * Work is claimed by writing this process's name into an `owner` column. Processes on one file are on one machine, so
 * that a dead one is known at once by its process id; a hanging one by its silence.
 */
export class Membership {
  /** Names this process; unlike any process before it. */
  readonly owner = randomUUID();
  private readonly claimTables: string[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: HostDatabase) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS hosts (owner TEXT PRIMARY KEY, process_id INTEGER NOT NULL, heard_ms INTEGER NOT NULL);
       CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, owner TEXT)`,
    );
    this.watch('leases');
  }

  /** Claims in this table, by its column `owner`, are freed when their owner is gone. */
  watch(table: string): void {
    this.claimTables.push(table);
  }

  /** Makes this process known and frees what dead ones had claimed. `onFreed` is called when there was something. */
  join(onFreed: () => void): void {
    const beat = (): void => {
      this.announce();
      if (this.freeClaimsOfDeadProcesses()) onFreed();
    };
    beat();
    this.timer = setInterval(beat, HEARTBEAT_MS);
  }

  /** Frees everything that this process has claimed. */
  leave(): void {
    clearInterval(this.timer);
    this.database.prepare('DELETE FROM hosts WHERE owner = ?').run(this.owner);
    this.freeClaimsOfDeadProcesses();
  }

  /** Takes a named lease for as long as this process lives. False while it is another's. */
  acquireLease(name: string): boolean {
    const take = this.database.prepare(
      `INSERT INTO leases (name, owner) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET owner = excluded.owner WHERE owner IS NULL OR owner = excluded.owner`,
    );
    return take.run(name, this.owner).changes > 0;
  }

  releaseLease(name: string): void {
    this.database
      .prepare('UPDATE leases SET owner = NULL WHERE name = ? AND owner = ?')
      .run(name, this.owner);
  }

  private announce(): void {
    this.database
      .prepare('INSERT OR REPLACE INTO hosts (owner, process_id, heard_ms) VALUES (?, ?, ?)')
      .run(this.owner, process.pid, Date.now());
  }

  private freeClaimsOfDeadProcesses(): boolean {
    const hosts = this.database.prepare('SELECT owner, process_id, heard_ms FROM hosts').all() as {
      owner: string;
      process_id: number;
      heard_ms: number;
    }[];
    const forget = this.database.prepare('DELETE FROM hosts WHERE owner = ?');
    for (const { owner, process_id: processId, heard_ms: heardMs } of hosts) {
      if (Date.now() - heardMs > SILENCE_MS || !isAlive(processId)) forget.run(owner);
    }
    let freed = 0;
    for (const table of this.claimTables) {
      const free = `UPDATE ${table} SET owner = NULL WHERE owner IS NOT NULL AND owner NOT IN (SELECT owner FROM hosts)`;
      freed += this.database.prepare(free).run().changes;
    }
    return freed > 0;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // A process of somebody else's is alive as well.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
