/** One SQLite file (or memory) with cached statements and transactions that may be nested. */
import Database from 'libsql';
import { openDatabase } from '../../stand-in-support/database';
import { type SqlValue } from './keys';

/** Cached statements; the gateway's own are few, the rest are shapes of queries. */
const maxStatements = 500;

export class Sqlite {
  private opened: Database.Database | undefined;
  private readonly statements = new Map<string, Database.Statement>();

  /** @param file a path, or `:memory:` */
  constructor(file: string) {
    this.opened = openDatabase(file, '');
  }

  run(sql: string, ...args: SqlValue[]): void {
    this.prepare(sql).run(args);
  }

  get<Row>(sql: string, ...args: SqlValue[]): Row | undefined {
    return this.prepare(sql).get(args) as Row | undefined;
  }

  all<Row>(sql: string, ...args: SqlValue[]): Row[] {
    return this.prepare(sql).all(args) as Row[];
  }

  /** Runs statements that change the schema. */
  exec(sql: string): void {
    this.database.exec(sql);
  }

  /** All or nothing; part of the outer transaction when there is one. */
  transaction<T>(work: () => T): T {
    if (this.database.inTransaction) return work();
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.statements.clear();
    this.opened?.close();
    this.opened = undefined;
  }

  /** libsql ends the whole process when a closed database is used: a late request must not reach it. */
  private get database(): Database.Database {
    if (!this.opened) throw new Error('the database of the gateway is closed');
    return this.opened;
  }

  private prepare(sql: string): Database.Statement {
    const { database } = this;
    const known = this.statements.get(sql);
    if (known) return known;
    const [oldest] = this.statements.keys();
    if (oldest !== undefined && this.statements.size >= maxStatements) this.statements.delete(oldest);
    const statement = database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}

/** Whether a UNIQUE index refused the statement. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE';
}
