/** One logical partition of a container: typed reads and writes, batches, and lists by key. */
import type { Container, OperationInput, PatchOperation, SqlParameter } from '@azure/cosmos';
import { mapConcurrently } from '../pure/map-concurrently';
import { type DocumentBody, type DocumentType, type Stored, fromWire, toWire, wireId } from './document-type';
import { BatchUnanswered, cosmosStatus, documentError, DocumentExists, PredicateFailed } from './errors';
import { retryConflicts } from './retry';

/** Cosmos allows 1,023 bytes; some are for the type's name. */
const MAX_ID_BYTES = 900;
/** Documents of a page of queries that read all; Cosmos ends a page at 4 MB too. */
const LARGE_PAGE = 5_000;
const REMOVED_AT_ONCE = 8;

/** One write of a batch. */
export type Change =
  | {
      kind: 'create' | 'upsert';
      type: DocumentType<DocumentBody>;
      body: DocumentBody;
    }
  | { kind: 'replace'; type: DocumentType<DocumentBody>; body: DocumentBody; etag: string | undefined }
  | { kind: 'remove'; type: DocumentType<DocumentBody>; id: string; etag: string | undefined }
  | {
      kind: 'patch';
      type: DocumentType<DocumentBody>;
      id: string;
      operations: PatchOperation[];
      condition?: string;
    };

/** Writes of a batch, by name. */
export const change = {
  create: <T extends DocumentBody>(type: DocumentType<T>, body: T): Change => ({
    kind: 'create',
    type: type,
    body,
  }),
  upsert: <T extends DocumentBody>(type: DocumentType<T>, body: T): Change => ({
    kind: 'upsert',
    type: type,
    body,
  }),
  /** Replaces an existing document; with an ETag, only if unchanged. */
  replace: <T extends DocumentBody>(type: DocumentType<T>, body: T, etag?: string): Change => ({
    kind: 'replace',
    type: type,
    body,
    etag,
  }),
  remove: <T extends DocumentBody>(type: DocumentType<T>, id: string, etag?: string): Change => ({
    kind: 'remove',
    type: type,
    id,
    etag,
  }),
  /** Changes some fields; with a condition such as `from c where c.used < 500`, only when it holds. */
  patch: <T extends DocumentBody>(
    type: DocumentType<T>,
    id: string,
    operations: PatchOperation[],
    condition?: string,
  ): Change => ({ kind: 'patch', type: type, id, operations, ...(condition ? { condition } : {}) }),
};

export interface ListOptions {
  /** A condition on `c` beside the type, such as `c.siteId = @siteId`; only indexed fields. */
  where?: string;
  parameters?: Record<string, string | number | boolean | null | string[]>;
  /** By id, which for ids of this service means by creation time. */
  order?: 'ascending' | 'descending';
  /** Continue after this id. */
  after?: string | undefined;
  /** Maximum number of documents. */
  limit: number;
}

interface PagesOptions extends Pick<ListOptions, 'where' | 'parameters'> {
  sortedBy?: string;
  /** Documents that are in memory at a time. */
  pageSize: number;
}

/** The partition with the given key values. All of its documents belong to one customer. */
export class Partition {
  private readonly keyValues: string[];

  constructor(
    private readonly container: Container,
    private readonly key: Record<string, string>,
    /** Called with the id in Cosmos of each document whose write was sent. */
    private readonly noteWrite: (wireId: string) => void = () => undefined,
  ) {
    this.keyValues = Object.values(key);
  }

  /** The document, or undefined when there is none. */
  async read<T extends DocumentBody>(type: DocumentType<T>, id: string): Promise<Stored<T> | undefined> {
    if (!canBeId(id)) return undefined;
    const { resource } = await this.container
      .item(wireId(type, id), this.keyValues)
      .read<Record<string, unknown>>();
    return resource ? fromWire(type, resource) : undefined;
  }

  /** @throws DocumentExists */
  async create<T extends DocumentBody>(type: DocumentType<T>, body: T): Promise<Stored<T>> {
    return this.write(type, body.id, () =>
      this.container.items.create<Record<string, unknown>>(toWire(type, body, this.key)),
    );
  }

  /** Creates the document unless it exists; returns whether it was created. */
  async createIfAbsent<T extends DocumentBody>(type: DocumentType<T>, body: T): Promise<boolean> {
    try {
      await this.create(type, body);
      return true;
    } catch (error) {
      if (error instanceof DocumentExists) return false;
      throw error;
    }
  }

  /**
   * The stored document: this one, or the one that already existed.
   * @throws DocumentExists when reads lag so far behind that the first one cannot be seen
   */
  async createOrRead<T extends DocumentBody>(type: DocumentType<T>, body: T): Promise<Stored<T>> {
    return retryConflicts(async () => {
      try {
        return await this.create(type, body);
      } catch (error) {
        const known = error instanceof DocumentExists && (await this.read(type, body.id));
        if (!known) throw error;
        return known;
      }
    });
  }

  /** Replaces a document that was read. @throws DocumentStale, DocumentGone */
  async replace<T extends DocumentBody>(type: DocumentType<T>, body: Stored<T>): Promise<Stored<T>> {
    const accessCondition = { type: 'IfMatch', condition: body.etag };
    return this.write(type, body.id, () =>
      this.container
        .item(wireId(type, body.id), this.keyValues)
        .replace<Record<string, unknown>>(toWire(type, body, this.key), { accessCondition }),
    );
  }

  async upsert<T extends DocumentBody>(type: DocumentType<T>, body: T): Promise<Stored<T>> {
    return this.write(type, body.id, () =>
      this.container.items.upsert<Record<string, unknown>>(toWire(type, body, this.key)),
    );
  }

  /** Removes a document; a missing one is not an error. @throws DocumentStale */
  async remove<T extends DocumentBody>(type: DocumentType<T>, id: string, etag?: string): Promise<void> {
    try {
      const options = etag ? { accessCondition: { type: 'IfMatch', condition: etag } } : {};
      await this.container.item(wireId(type, id), this.keyValues).delete(options);
    } catch (error) {
      if (cosmosStatus(error) !== 404) throw documentError(cosmosStatus(error), wireId(type, id), error);
    } finally {
      this.noteWrite(wireId(type, id));
    }
  }

  /** Documents of a type by id, at most `limit`; the caller pages with the last id. */
  async list<T extends DocumentBody>(type: DocumentType<T>, options: ListOptions): Promise<Stored<T>[]> {
    const descending = options.order === 'descending';
    const conditions = ['c.type = @type'];
    if (options.where) conditions.push(`(${options.where})`);
    if (options.after) conditions.push(`c.id ${descending ? '<' : '>'} @after`);
    const parameters: SqlParameter[] = [
      { name: '@type', value: type.name },
      ...(options.after ? [{ name: '@after', value: wireId(type, options.after) }] : []),
      ...Object.entries(options.parameters ?? {}).map(([name, value]) => ({ name: `@${name}`, value })),
    ];
    const direction = descending ? 'DESC' : 'ASC';
    const query = `SELECT TOP ${Math.trunc(options.limit)} * FROM c WHERE ${conditions.join(' AND ')} ORDER BY c.type ${direction}, c.id ${direction}`;
    return (await this.query<Record<string, unknown>>(query, parameters)).map((wire) => fromWire(type, wire));
  }

  /** All documents of some types, as stored, by their id in Cosmos; as few pages as Cosmos allows. */
  async readTypes(types: readonly string[]): Promise<Map<string, Record<string, unknown>>> {
    const names = types.map((name) => `'${name}'`).join(', ');
    const { resources } = await this.container.items
      .query<Record<string, unknown>>(`SELECT * FROM c WHERE c.type IN (${names})`, {
        partitionKey: this.keyValues,
        maxItemCount: LARGE_PAGE,
      })
      .fetchAll();
    return new Map(resources.map((wire) => [String(wire['id']), wire]));
  }

  /**
   * All documents of a type that a condition holds for, page by page, so that any number fits in memory. What is written
   * meanwhile may be missing.
   * @param sortedBy an indexed property; absent: in no order
   */
  async *pages<T extends DocumentBody>(
    type: DocumentType<T>,
    { where, parameters = {}, sortedBy, pageSize }: PagesOptions,
  ): AsyncGenerator<Stored<T>[]> {
    const pages = this.container.items.query<Record<string, unknown>>(
      {
        query: `SELECT * FROM c WHERE c.type = @type${where ? ` AND (${where})` : ''}${sortedBy ? ` ORDER BY c.${sortedBy}` : ''}`,
        parameters: [
          { name: '@type', value: type.name },
          ...Object.entries(parameters).map(([name, value]) => ({ name: `@${name}`, value })),
        ],
      },
      { partitionKey: this.keyValues, maxItemCount: pageSize },
    );
    while (pages.hasMoreResults()) {
      const { resources } = await pages.fetchNext();
      yield (resources ?? []).map((wire) => fromWire(type, wire));
    }
  }

  /** Removes every document of the partition; those that are written meanwhile may stay. */
  async removeAll(): Promise<void> {
    for (;;) {
      const rows = await this.query<{ id: string }>('SELECT TOP 100 c.id FROM c');
      if (rows.length === 0) return;
      await mapConcurrently(rows, REMOVED_AT_ONCE, async ({ id }) => {
        try {
          await this.container.item(id, this.keyValues).delete();
        } catch (error) {
          // Removed by somebody else, or a moment ago.
          if (cosmosStatus(error) !== 404) throw error;
        } finally {
          this.noteWrite(id);
        }
      });
    }
  }

  /** Any single-partition query; returns all rows, so bound it. */
  async query<R>(query: string, parameters: SqlParameter[] = []): Promise<R[]> {
    return (await this.queryWithCharge<R>(query, parameters)).rows;
  }

  /** Like `query`, with what it cost in request units. */
  async queryWithCharge<R>(
    query: string,
    parameters: SqlParameter[] = [],
  ): Promise<{ rows: R[]; requestUnits: number }> {
    const { resources, requestCharge } = await this.container.items
      .query<R>({ query, parameters }, { partitionKey: this.keyValues })
      .fetchAll();
    return { rows: resources, requestUnits: requestCharge };
  }

  /**
   * Writes all changes or none (at most 100).
   * @throws DocumentExists, DocumentStale, DocumentGone or PredicateFailed of the first change that failed; BatchUnanswered
   */
  async commit(changes: Change[]): Promise<void> {
    const operations = changes.map((item) => this.toOperation(item));
    const response = await this.container.items
      .batch(operations, this.keyValues)
      .catch((cause: unknown) => {
        throw new BatchUnanswered(`a batch of ${changes.length} changes was not answered`, { cause });
      })
      .finally(() => changes.forEach((item) => this.noteWrite(changeId(item))));
    const results = response.result ?? [];
    const failed = results.findIndex((result) => result.statusCode >= 400 && result.statusCode !== 424);
    const status = failed >= 0 ? results[failed]?.statusCode : response.code;
    if (failed >= 0 || (response.code ?? 500) >= 400) {
      const cause = Object.assign(new Error(`a batch of ${changes.length} changes failed with ${status}`), {
        code: status,
      });
      throw changeError(changes[failed], status, cause);
    }
  }

  private toOperation(item: Change): OperationInput {
    switch (item.kind) {
      case 'create':
      case 'upsert':
        return {
          operationType: item.kind === 'create' ? 'Create' : 'Upsert',
          resourceBody: toWire(item.type, item.body, this.key) as never,
        };
      case 'replace':
        return {
          operationType: 'Replace',
          id: wireId(item.type, item.body.id),
          resourceBody: toWire(item.type, item.body, this.key) as never,
          ...(item.etag ? { ifMatch: item.etag } : {}),
        };
      case 'remove':
        return {
          operationType: 'Delete',
          id: wireId(item.type, item.id),
          ...(item.etag ? { ifMatch: item.etag } : {}),
        };
      case 'patch':
        return {
          operationType: 'Patch',
          id: wireId(item.type, item.id),
          resourceBody: item.condition
            ? { operations: item.operations, condition: item.condition }
            : { operations: item.operations },
        };
    }
  }

  private async write<T extends DocumentBody>(
    type: DocumentType<T>,
    id: string,
    send: () => Promise<{ resource?: Record<string, unknown> | undefined }>,
  ): Promise<Stored<T>> {
    try {
      const { resource } = await send();
      if (!resource) throw new Error(`Cosmos answered a write of ${wireId(type, id)} without the document`);
      return fromWire(type, resource);
    } catch (error) {
      throw documentError(cosmosStatus(error), wireId(type, id), error);
    } finally {
      this.noteWrite(wireId(type, id));
    }
  }
}

/** An id that Cosmos cannot store does not exist; querying it would raise an error. */
function canBeId(id: string): boolean {
  return !/[/\\?#\p{Cc}\p{Cs}]/u.test(id) && Buffer.byteLength(id) <= MAX_ID_BYTES;
}

/** The error of the change that a batch failed on; undefined stands for the whole batch. */
function changeError(item: Change | undefined, status: number | undefined, cause: Error): unknown {
  if (!item) return documentError(status, 'the batch', cause);
  // A patch has no ETag: the only precondition that it can fail is its condition.
  if (item.kind === 'patch' && status === 412) return new PredicateFailed(changeId(item), { cause });
  return documentError(status, changeId(item), cause);
}

function changeId(item: Change): string {
  return wireId(item.type, 'body' in item ? item.body.id : item.id);
}
