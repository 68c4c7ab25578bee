/**
 * Earlier states of a container, for stale reads: the versions that writes have superseded, and when each write was.
 * In temporary tables: it lasts as long as the process, and rolls back with the transaction of the write.
 */
import { type StoredDocument } from './reader';
import { type Sqlite } from './sqlite';

/** The maximum age of a read (that of the fault `stale`). */
const retentionMilliseconds = 600_000;

export class History {
  private readonly past: string;
  private readonly writes: string;
  private prunedAt = 0;

  /**
   * @param table of the documents
   * @param start number of the last write so far: nothing before it is known
   */
  constructor(
    private readonly sqlite: Sqlite,
    private readonly table: string,
    private readonly start: number,
  ) {
    this.past = `temp.${table}_past`;
    this.writes = `temp.${table}_writes`;
    sqlite.exec(`
      CREATE TABLE IF NOT EXISTS ${this.past} (
        seq INTEGER, pk TEXT, id TEXT, lsn INTEGER, ts INTEGER, expires INTEGER, etag TEXT, body TEXT, ended INTEGER);
      CREATE INDEX IF NOT EXISTS ${this.past}_key ON ${table}_past (pk, id);
      CREATE INDEX IF NOT EXISTS ${this.past}_ended ON ${table}_past (ended);
      CREATE TABLE IF NOT EXISTS ${this.writes} (lsn INTEGER PRIMARY KEY, at INTEGER NOT NULL);`);
  }

  /**
   * Records a write before it changes the table.
   * @param at milliseconds since 1970
   * @param superseded the version that it ends, when there is one
   */
  keep(lsn: number, at: number, superseded: StoredDocument | undefined): void {
    this.prune(at);
    this.sqlite.run(`INSERT INTO ${this.writes} VALUES (?, ?)`, lsn, at);
    if (!superseded) return;
    this.sqlite.run(
      `INSERT INTO ${this.past} SELECT seq, pk, id, lsn, ts, expires, etag, body, ? FROM ${this.table} WHERE seq=?`,
      ...[lsn, superseded.seq],
    );
  }

  /** The last write at or before a time (milliseconds since 1970), or the first state that is known. */
  lsnAt(time: number): number {
    const sql = `SELECT max(lsn) AS lsn FROM ${this.writes} WHERE at<=?`;
    const known = this.sqlite.get<{ lsn: number | null }>(sql, time)?.lsn;
    if (known != null) return known;
    const first = this.sqlite.get<{ lsn: number | null }>(`SELECT min(lsn) AS lsn FROM ${this.writes}`)?.lsn;
    return first == null ? this.start : first - 1;
  }

  /**
   * A subquery in place of the table: every document in the version that it had after a write.
   * @param now seconds since 1970: what has expired by then is left out
   */
  sourceAsOf(lsn: number, now: number): string {
    const columns = 'seq, pk, id, lsn, ts, expires, etag, body';
    return (
      `(SELECT ${columns} FROM ${this.table} WHERE lsn<=${lsn} UNION ALL ` +
      `SELECT ${columns} FROM ${this.past} WHERE lsn<=${lsn} AND ended>${lsn} AND (expires IS NULL OR expires>${now}))`
    );
  }

  drop(): void {
    this.sqlite.exec(`DROP TABLE ${this.past}; DROP TABLE ${this.writes}`);
  }

  /** Deletes, once a second, what no read can need any more. */
  private prune(now: number): void {
    if (now - this.prunedAt < 1000) return;
    this.prunedAt = now;
    const oldest = this.lsnAt(now - retentionMilliseconds);
    this.sqlite.run(`DELETE FROM ${this.writes} WHERE lsn<?`, oldest);
    this.sqlite.run(`DELETE FROM ${this.past} WHERE ended<=?`, oldest);
  }
}
