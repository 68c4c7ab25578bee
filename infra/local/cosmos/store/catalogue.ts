/** Databases and containers: their definitions, and the tables behind each container. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { badRequest, CosmosError, notFound } from '../message';
import { type JsonObject } from '../query/values';
import { type ContainerDefinition } from './definition';
import { Documents } from './documents';
import { containerRid, databaseRid } from './resource-id';
import type { ReadCounts } from './read-counts';
import { isUniqueViolation, type Sqlite } from './sqlite';

interface DatabaseRow {
  readonly rid: number;
  readonly id: string;
  readonly etag: string;
  readonly ts: number;
}

interface ContainerRow extends DatabaseRow {
  readonly database: number;
  readonly definition: string;
}

export interface Container {
  readonly definition: ContainerDefinition;
  readonly documents: Documents;
  /** The definition with its system properties, as the client reads it. */
  readonly resource: JsonObject & { readonly _rid: string };
  /** `dbs/…/colls/…` by name. */
  readonly link: string;
}

export class Catalogue {
  private readonly containers = new Map<string, Container>();

  constructor(
    private readonly sqlite: Sqlite,
    private readonly now: () => Date,
    private readonly reads?: ReadCounts,
  ) {
    sqlite.exec(`
      CREATE TABLE IF NOT EXISTS databases (
        rid INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, etag TEXT NOT NULL, ts INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS containers (
        rid INTEGER PRIMARY KEY AUTOINCREMENT, database INTEGER NOT NULL, id TEXT NOT NULL, definition TEXT NOT NULL,
        etag TEXT NOT NULL, ts INTEGER NOT NULL, lsn INTEGER NOT NULL DEFAULT 0, UNIQUE (database, id));`);
  }

  databases(): JsonObject[] {
    return this.sqlite.all<DatabaseRow>('SELECT * FROM databases ORDER BY rid').map(databaseResource);
  }

  createDatabase(id: string): JsonObject {
    return conflictAware(() => {
      const sql = 'INSERT INTO databases (id, etag, ts) VALUES (?, ?, ?)';
      this.sqlite.run(sql, id, newEtag(), this.timestamp());
      return this.database(id);
    });
  }

  database(id: string): JsonObject {
    return databaseResource(this.databaseRow(id));
  }

  deleteDatabase(id: string): void {
    const { rid } = this.databaseRow(id);
    this.sqlite.transaction(() => {
      for (const { id: container } of this.containerRows(rid)) this.deleteContainer(id, container);
      this.sqlite.run('DELETE FROM databases WHERE rid=?', rid);
    });
  }

  containersOf(database: string): JsonObject[] {
    return this.containerRows(this.databaseRow(database).rid).map((row) => this.open(database, row).resource);
  }

  createContainer(database: string, definition: ContainerDefinition): Container {
    const { rid } = this.databaseRow(database);
    return conflictAware(() =>
      this.sqlite.transaction(() => {
        this.sqlite.run(
          'INSERT INTO containers (database, id, definition, etag, ts) VALUES (?, ?, ?, ?, ?)',
          ...[rid, definition.id, JSON.stringify(definition), newEtag(), this.timestamp()],
        );
        return this.container(database, definition.id);
      }),
    );
  }

  container(database: string, id: string): Container {
    const known = this.containers.get(cacheKey(database, id));
    if (known) return known;
    const { rid } = this.databaseRow(database);
    const row = this.sqlite.get<ContainerRow>('SELECT * FROM containers WHERE database=? AND id=?', rid, id);
    if (!row) throw notFound(`container ${id}`);
    return this.open(database, row);
  }

  /** Changes indexing policy and time to live. Raises 400 when partition key or unique keys would change. */
  replaceContainer(database: string, id: string, definition: ContainerDefinition): Container {
    const { definition: old, documents } = this.container(database, id);
    for (const fixed of ['id', 'partitionKey', 'uniqueKeyPolicy'] as const) {
      if (!isDeepStrictEqual(old[fixed], definition[fixed])) {
        throw badRequest(`The ${fixed} of a container cannot be changed.`);
      }
    }
    this.sqlite.transaction(() => {
      this.sqlite.run(
        'UPDATE containers SET definition=?, etag=?, ts=? WHERE rid=?',
        ...[JSON.stringify(definition), newEtag(), this.timestamp(), documents.containerNumber],
      );
      documents.redefine(definition);
    });
    this.containers.delete(cacheKey(database, id));
    return this.container(database, id);
  }

  deleteContainer(database: string, id: string): void {
    const { documents } = this.container(database, id);
    this.sqlite.transaction(() => {
      documents.drop();
      this.sqlite.run('DELETE FROM containers WHERE rid=?', documents.containerNumber);
    });
    this.containers.delete(cacheKey(database, id));
  }

  private open(database: string, row: ContainerRow): Container {
    const key = cacheKey(database, row.id);
    const known = this.containers.get(key);
    if (known) return known;
    const definition = JSON.parse(row.definition) as ContainerDefinition;
    const documents = new Documents(this.sqlite, row.database, row.rid, definition, this.now);
    documents.reads = this.reads;
    documents.indexes.reads = this.reads;
    const resource = containerResource(row);
    const container = { definition, documents, resource, link: `dbs/${database}/colls/${row.id}` };
    this.containers.set(key, container);
    return container;
  }

  private databaseRow(id: string): DatabaseRow {
    const row = this.sqlite.get<DatabaseRow>('SELECT * FROM databases WHERE id=?', id);
    if (!row) throw notFound(`database ${id}`);
    return row;
  }

  private containerRows(database: number): ContainerRow[] {
    return this.sqlite.all<ContainerRow>('SELECT * FROM containers WHERE database=? ORDER BY rid', database);
  }

  private timestamp(): number {
    return Math.floor(this.now().getTime() / 1000);
  }
}

const cacheKey = (database: string, container: string) => `${database}/${container}`;

const newEtag = () => `"${randomUUID()}"`;

function conflictAware<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    throw new CosmosError(409, 'Resource with specified id or name already exists.', { cause });
  }
}

function databaseResource({ rid, id, etag, ts }: DatabaseRow): JsonObject {
  const encoded = databaseRid(rid);
  return {
    id,
    _rid: encoded,
    _self: `dbs/${encoded}/`,
    _etag: etag,
    _colls: 'colls/',
    _users: 'users/',
    _ts: ts,
  };
}

function containerResource(row: ContainerRow): Container['resource'] {
  const encoded = containerRid(row.database, row.rid);
  return {
    ...(JSON.parse(row.definition) as JsonObject),
    _rid: encoded,
    _self: `dbs/${databaseRid(row.database)}/colls/${encoded}/`,
    _etag: row.etag,
    _ts: row.ts,
    _docs: 'docs/',
    _sprocs: 'sprocs/',
    _triggers: 'triggers/',
    _udfs: 'udfs/',
    _conflicts: 'conflicts/',
  };
}
