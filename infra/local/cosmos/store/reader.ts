/** Reads of a container's documents, as they are now or as they were at an earlier write. */
import { type OrderKey } from './indexing-policy';
import { type Sql, type SqlValue } from './keys';
import { conjunction, type Position, resumeSql, sortColumns, sortSql } from './order';
import type { ReadCounts } from './read-counts';
import { type Sqlite } from './sqlite';

export interface StoredDocument {
  /** Position in the order of creation, never reused in a container. */
  readonly seq: number;
  readonly pk: string;
  readonly id: string;
  readonly etag: string;
  /** Position in the order of writes. */
  readonly lsn: number;
  readonly ts: number;
  readonly body: string;
}

export interface ScanRequest {
  readonly filters: readonly Sql[];
  readonly order: readonly OrderKey[];
  /** Sort keys (SQL) that the filters fix to one value. */
  readonly fixed: ReadonlySet<string>;
  /** Let an index find the documents although they then must be sorted. */
  readonly seekFirst: boolean;
  readonly after: Position | undefined;
  readonly limit: number;
  /** Of the filters those that bound the walk in this order; absent where candidates were found before. */
  readonly bounds: readonly Sql[] | undefined;
}

export interface ScannedDocument {
  readonly body: string;
  readonly position: Position;
}

export class DocumentReader {
  /** Set to count reads. */
  reads: ReadCounts | undefined;

  /**
   * @param source the table, or a subquery with its columns
   * @param settle called before every read
   */
  constructor(
    protected readonly sqlite: Sqlite,
    private readonly source: string,
    private readonly settle: () => void,
  ) {}

  find(pk: string, id: string): StoredDocument | undefined {
    this.settle();
    return this.sqlite.get<StoredDocument>(`SELECT * FROM ${this.source} WHERE pk=? AND id=?`, pk, id);
  }

  /** The next documents in the given order. */
  scan(request: ScanRequest): ScannedDocument[] {
    const { filters, order, fixed, seekFirst, after, limit } = request;
    this.settle();
    const columns = sortColumns(order);
    const resume = after ? [resumeSql(columns, fixed, after)] : [];
    const { sql, args } = conjunction([...filters, ...resume]);
    const selected = columns.map((column, i) => `, ${column.sql} AS k${i}`).join('');
    const rows = this.sqlite.all<Record<string, SqlValue> & { seq: number; body: string }>(
      `SELECT seq, body${selected} FROM ${this.source} WHERE ${sql} ` +
        `ORDER BY ${sortSql(columns, fixed, seekFirst)} LIMIT ?`,
      ...args,
      limit,
    );
    const found = rows.map((row) => ({
      body: row.body,
      position: { seq: row.seq, keys: columns.map((_column, i) => row[`k${i}`] ?? null) },
    }));
    if (this.reads) this.countReads(this.reads, request, found);
    return found;
  }

  /** A walk comes by all entries between where it begins and the last document that it found, or the end of its bounds. */
  private countReads(
    reads: ReadCounts,
    { bounds, order, fixed, after, limit }: ScanRequest,
    found: readonly ScannedDocument[],
  ): void {
    reads.documents += found.length;
    if (!bounds) return;
    const columns = sortColumns(order);
    const last = found.length === limit ? found.at(-1)?.position : undefined;
    const walked = this.count([...bounds, ...(after ? [resumeSql(columns, fixed, after)] : [])]);
    const behind = last ? this.count([...bounds, resumeSql(columns, fixed, last)]) : 0;
    reads.indexEntries += walked - behind;
  }

  count(filters: readonly Sql[]): number {
    this.settle();
    const { sql, args } = conjunction(filters);
    return (
      this.sqlite.get<{ n: number }>(`SELECT count(*) AS n FROM ${this.source} WHERE ${sql}`, ...args)?.n ?? 0
    );
  }
}
