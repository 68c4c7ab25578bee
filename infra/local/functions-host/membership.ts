/** The host processes that share one storage folder, and the assignment of work to them. */
import { randomUUID } from 'node:crypto';
import { type HostDatabase } from './database';

const HEARTBEAT_MS = 2000;
/** A process without a heartbeat for this long has lost its claims, even if it still runs. */
const SILENCE_MS = 15_000;

/**
 * Work is claimed by writing this process's name into an `owner` column. Processes on one file are on one machine, so
 * that a dead one is detected at once by its process id, and a hanging one by its missing heartbeat.
 */
export class Membership {
  /** Identifies this process, uniquely over all processes. */
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

  /** Claims in this table, by its column `owner`, are released when their owner has ended. */
  watch(table: string): void {
    this.claimTables.push(table);
  }

  /** Registers this process and releases the claims of dead ones. `onFreed` is called when there were any. */
  join(onFreed: () => void): void {
    const beat = (): void => {
      this.announce();
      if (this.freeClaimsOfDeadProcesses()) onFreed();
    };
    beat();
    this.timer = setInterval(beat, HEARTBEAT_MS);
  }

  /** Releases everything that this process has claimed. */
  leave(): void {
    clearInterval(this.timer);
    this.database.prepare('DELETE FROM hosts WHERE owner = ?').run(this.owner);
    this.freeClaimsOfDeadProcesses();
  }

  /** Acquires a named lease for the lifetime of this process. False while another process holds it. */
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
    // A process of another user is alive as well.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
