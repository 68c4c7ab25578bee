/** The documents of one container: a table with the JSON text, and what is needed to find, sort and expire it. */
import { randomUUID } from 'node:crypto';
import { CosmosError, notFound } from '../message';
import { type JsonObject } from '../query/values';
import { type ContainerDefinition } from './definition';
import { splitPath } from './indexing-policy';
import { History } from './history';
import { Indexes } from './indexes';
import { requireJsonPath, type Sql } from './keys';
import { conjunction } from './order';
import { DocumentReader, type StoredDocument } from './reader';
import { containerRid, databaseRid, documentRid } from './resource-id';
import { isUniqueViolation, type Sqlite } from './sqlite';

/** The service's limit for one document. */
export const maxDocumentBytes = 2 * 1024 * 1024;

export class Documents extends DocumentReader {
  private readonly history: History;
  readonly indexes: Indexes;
  private purgedAt = 0;

  constructor(
    sqlite: Sqlite,
    private readonly database: number,
    readonly containerNumber: number,
    private definition: ContainerDefinition,
    private readonly now: () => Date,
    private readonly table = `docs_${containerNumber}`,
  ) {
    super(sqlite, table, () => this.purge());
    this.createTable();
    this.indexes = new Indexes(sqlite, table, definition.indexingPolicy);
    this.history = new History(sqlite, table, this.lsn);
  }

  /** The number of the last write: the container's session token. */
  get lsn(): number {
    const sql = 'SELECT lsn FROM containers WHERE rid=?';
    return this.sqlite.get<{ lsn: number }>(sql, this.containerNumber)?.lsn ?? 0;
  }

  atomically<T>(work: () => T): T {
    return this.sqlite.transaction(work);
  }

  /** The last write at that age, within the last ten minutes of this process. */
  lsnBefore(ageSeconds: number): number {
    return this.history.lsnAt(this.now().getTime() - ageSeconds * 1000);
  }

  /** The documents as of a write, without those that have expired since. */
  asOf(lsn: number): DocumentReader {
    return new DocumentReader(this.sqlite, this.history.sourceAsOf(lsn, this.seconds()), () => this.purge());
  }

  /** Raises 409 when the id or a unique key is taken, 413 when the document is too large. */
  insert(pk: string, id: string, content: JsonObject): StoredDocument {
    return this.write(undefined, (lsn) => {
      const row = this.compose(content, lsn, { seq: lsn, pk, id });
      this.sqlite.run(
        `INSERT INTO ${this.table} (seq, pk, id, lsn, ts, expires, etag, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[row.seq, pk, id, lsn, row.ts, this.expiry(content, row.ts), row.etag, row.body],
      );
      return row;
    });
  }

  /** Replaces a document's content. Raises 409 when a unique key is taken, 413 when it is too large. */
  update(current: StoredDocument, content: JsonObject): StoredDocument {
    return this.write(current, (lsn) => {
      const row = this.compose(content, lsn, current);
      this.sqlite.run(
        `UPDATE ${this.table} SET lsn=?, ts=?, expires=?, etag=?, body=? WHERE seq=?`,
        ...[lsn, row.ts, this.expiry(content, row.ts), row.etag, row.body, row.seq],
      );
      return row;
    });
  }

  remove(current: StoredDocument): void {
    this.write(current, () => this.sqlite.run(`DELETE FROM ${this.table} WHERE seq=?`, current.seq));
  }

  /** The latest version of what was written after `lsn`, in the order of writing. */
  changesSince(lsn: number, filters: readonly Sql[], limit: number): StoredDocument[] {
    this.purge();
    const { sql, args } = conjunction([{ sql: 'lsn>?', args: [lsn] }, ...filters]);
    return this.sqlite.all<StoredDocument>(
      `SELECT * FROM ${this.table} WHERE ${sql} ORDER BY lsn LIMIT ?`,
      ...args,
      limit,
    );
  }

  /** Follows a changed definition. */
  redefine(definition: ContainerDefinition): void {
    this.definition = definition;
    const { sql, args } = expirySql(definition.defaultTtl);
    this.sqlite.run(`UPDATE ${this.table} SET expires=${sql}`, ...args);
    this.purgedAt = 0;
    this.indexes.follow(definition.indexingPolicy);
  }

  drop(): void {
    this.indexes.drop();
    this.sqlite.exec(`DROP TABLE ${this.table}`);
    this.history.drop();
  }

  private createTable(): void {
    const { table } = this;
    this.sqlite.exec(`
      CREATE TABLE IF NOT EXISTS ${table} (
        seq INTEGER PRIMARY KEY, pk TEXT NOT NULL, id TEXT NOT NULL, lsn INTEGER NOT NULL, ts INTEGER NOT NULL,
        expires INTEGER, etag TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (pk, id));
      CREATE UNIQUE INDEX IF NOT EXISTS ${table}_lsn ON ${table} (lsn);
      CREATE INDEX IF NOT EXISTS ${table}_expires ON ${table} (expires) WHERE expires IS NOT NULL;`);
    for (const [i, { paths }] of (this.definition.uniqueKeyPolicy?.uniqueKeys ?? []).entries()) {
      // A missing value counts as null, and null as a value like any other.
      const keys = paths.map((path) => `ifnull(body->${requireJsonPath(splitPath(path))},'null')`);
      this.sqlite.exec(
        `CREATE UNIQUE INDEX IF NOT EXISTS ${table}_unique${i} ON ${table} (pk, ${keys.join(', ')})`,
      );
    }
  }

  private write<T>(superseded: StoredDocument | undefined, work: (lsn: number) => T): T {
    try {
      return this.atomically(() => {
        this.purge();
        const row = this.sqlite.get<{ lsn: number }>(
          'UPDATE containers SET lsn=lsn+1 WHERE rid=? RETURNING lsn',
          this.containerNumber,
        );
        if (!row) throw notFound('container');
        this.history.keep(row.lsn, this.now().getTime(), superseded);
        return work(row.lsn);
      });
    } catch (cause) {
      if (!isUniqueViolation(cause)) throw cause;
      throw new CosmosError(409, 'Entity with the specified id or unique key already exists in the system.', {
        cause,
      });
    }
  }

  private compose(
    content: JsonObject,
    lsn: number,
    at: { seq: number; pk: string; id: string },
  ): StoredDocument {
    const ts = this.seconds();
    const etag = `"${randomUUID()}"`;
    const rid = documentRid(this.database, this.containerNumber, at.seq);
    const self = `dbs/${databaseRid(this.database)}/colls/${containerRid(this.database, this.containerNumber)}/docs/${rid}/`;
    const body = JSON.stringify({
      ...content,
      _rid: rid,
      _self: self,
      _etag: etag,
      _attachments: 'attachments/',
      _ts: ts,
    });
    if (Buffer.byteLength(body) > maxDocumentBytes) throw new CosmosError(413, 'Request size is too large.');
    return { seq: at.seq, pk: at.pk, id: at.id, etag, lsn, ts, body };
  }

  /** When the document expires, in seconds since 1970; null for never. */
  private expiry(content: JsonObject, ts: number): number | null {
    const { defaultTtl } = this.definition;
    if (defaultTtl === undefined) return null;
    const ttl = typeof content.ttl === 'number' ? content.ttl : defaultTtl;
    return ttl === -1 ? null : ts + ttl;
  }

  /** Expired documents are deleted before the table is read; clock and expiry have a resolution of one second. */
  private purge(): void {
    const now = this.seconds();
    if (now === this.purgedAt) return;
    this.purgedAt = now;
    this.sqlite.run(`DELETE FROM ${this.table} WHERE expires<=?`, now);
  }

  private seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }
}

function expirySql(defaultTtl: number | undefined): Sql {
  if (defaultTtl === undefined) return { sql: 'NULL', args: [] };
  const own = "json_type(body,'$.ttl') IN ('integer','real')";
  return {
    sql: `CASE WHEN ${own} THEN iif(body->>'$.ttl'=-1,NULL,ts+(body->>'$.ttl')) ELSE iif(?=-1,NULL,ts+?) END`,
    args: [defaultTtl, defaultTtl],
  };
}
