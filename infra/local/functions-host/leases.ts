/** Named leases in SQLite, by which host processes on the same file agree who does a thing. */
import { type HostDatabase } from './database';

export class LeaseTable {
  private readonly acquireStatement;
  private readonly releaseStatement;

  /** `owner` names this process; it must differ from that of every process before it. */
  constructor(
    database: HostDatabase,
    private readonly owner: string,
  ) {
    database.exec(
      'CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until_ms INTEGER NOT NULL)',
    );
    this.acquireStatement = database.prepare(
      `INSERT INTO leases (name, owner, until_ms) VALUES (:name, :owner, :until)
       ON CONFLICT (name) DO UPDATE SET owner = :owner, until_ms = :until WHERE owner = :owner OR until_ms <= :now`,
    );
    this.releaseStatement = database.prepare('DELETE FROM leases WHERE name = ? AND owner = ?');
  }

  /** Takes the lease, or prolongs it when it is ours already. False while another owner's lasts. */
  acquire(name: string, durationMs: number): boolean {
    const now = Date.now();
    return this.acquireStatement.run({ name, owner: this.owner, until: now + durationMs, now }).changes > 0;
  }

  release(name: string): void {
    this.releaseStatement.run(name, this.owner);
  }
}
