/** The SQLite indexes of one container, as far as its indexing policy covers the paths, and what they find. */
import { createHash } from 'node:crypto';
import { ArrayIndex } from './array-index';
import {
  arrayPaths,
  explicitPaths,
  type IndexingPolicy,
  isIndexed,
  type OrderKey,
  splitPath,
} from './indexing-policy';
import { jsonPath, type Sql } from './keys';
import { type SeekTerm } from './filter-pushdown';
import { conjunction, orderTerms, sortColumns } from './order';
import type { ReadCounts } from './read-counts';
import { type Sqlite } from './sqlite';

/** Below this many writes a scan is as fast as an index. */
const writesBeforeIndexing = 1000;

/** More documents than this are found sooner by walking the index of the order. */
const maxCandidates = 1500;
/** So few that no other index needs to be tried. */
const fewCandidates = 50;

type Seeks = readonly (readonly SeekTerm[])[];

interface Candidates {
  readonly terms: readonly SeekTerm[];
  readonly found: readonly number[];
}

export class Indexes {
  private readonly made = new Set<string>();
  private readonly arrays: ArrayIndex;
  /** Set to count reads. */
  reads: ReadCounts | undefined;

  constructor(
    private readonly sqlite: Sqlite,
    private readonly table: string,
    private policy: IndexingPolicy,
  ) {
    this.arrays = new ArrayIndex(sqlite, table);
    this.follow(policy);
  }

  /**
   * Creates the indexes that the policy names: composite indexes serve a partition, single paths also serve queries
   * over all.
   */
  follow(policy: IndexingPolicy): void {
    if (policy !== this.policy) this.arrays.drop();
    this.policy = policy;
    for (const composite of policy.compositeIndexes ?? []) {
      const keys = composite.map(({ path, order }) => ({
        path: splitPath(path),
        descending: order === 'descending',
      }));
      this.create(keys, true);
    }
    for (const path of explicitPaths(policy)) this.create([{ path, descending: false }], false);
    this.arrays.create(arrayPaths(policy));
  }

  drop(): void {
    this.arrays.drop();
  }

  /**
   * Creates the indexes from which SQLite may choose for a query.
   * @param lsn number of the container's last write
   */
  prepare(lsn: number, order: readonly OrderKey[], seeks: Seeks, withinPartition: boolean): void {
    if (lsn < writesBeforeIndexing) return;
    const sorted = pathsOf(order);
    const terms = seeks.flat().filter(({ path, item }) => item === undefined && !sorted.has(path.join('/')));
    const wanted = terms.map(({ path, isEquality }) => [
      { path, descending: false },
      // Documents with one value of a property, in the order of the query.
      ...(isEquality && withinPartition ? order : []),
    ]);
    const served = [order, ...wanted].filter(
      (keys) => keys.length > 0 && keys.every(({ path }) => isIndexed(this.policy, path)),
    );
    const made = served.map((keys) => this.create(keys, withinPartition));
    if (made.includes(true)) this.sqlite.exec(`ANALYZE ${this.table}`);
  }

  /**
   * A seek, and the `seq` of the few documents that it finds; undefined when there is no such index or
   * it finds too many.
   * @param scope a condition on `pk`
   */
  candidates(lsn: number, order: readonly OrderKey[], seeks: Seeks, scope: Sql): Candidates | undefined {
    if (lsn < writesBeforeIndexing) return undefined;
    const sorted = pathsOf(order);
    let best: Candidates | undefined;
    for (const terms of seeks) {
      // A position in the order of the query: the walk begins there.
      if (terms.every(({ path }) => sorted.has(path.join('/')))) continue;
      const [only] = terms;
      // SQLite itself finds these in the order wanted, by an index that `prepare` has made.
      if (only && terms.length === 1 && only.isEquality) continue;
      const found = this.union(terms, scope);
      if (found && found.length < (best?.found.length ?? Infinity)) best = { terms, found };
      if (best && best.found.length <= fewCandidates) return best;
    }
    return best;
  }

  private union(terms: readonly SeekTerm[], scope: Sql): readonly number[] | undefined {
    const found = new Set<number>();
    for (const term of terms) {
      const select = this.select(term, scope);
      if (!select) return undefined;
      const limit = maxCandidates + 1;
      for (const { seq } of this.sqlite.all<{ seq: number }>(`${select.sql} LIMIT ${limit}`, ...select.args))
        found.add(seq);
      if (this.reads) this.reads.indexEntries += Math.min(found.size, limit);
      if (found.size > maxCandidates) return undefined;
    }
    return [...found];
  }

  private select({ path, item, sql, args }: SeekTerm, scope: Sql): Sql | undefined {
    if (item !== undefined) return this.arrays.find(path, item, scope);
    if (!isIndexed(this.policy, path)) return undefined;
    const condition = conjunction([scope, { sql, args }]);
    return { sql: `SELECT seq FROM ${this.table} WHERE ${condition.sql}`, args: condition.args };
  }

  /** Whether an index had to be created. */
  private create(keys: readonly OrderKey[], withinPartition: boolean): boolean {
    if (keys.some(({ path }) => jsonPath(path) === undefined)) return false;
    const list = [...(withinPartition ? ['pk'] : []), ...orderTerms(sortColumns(keys))].join(', ');
    if (this.made.has(list)) return false;
    const name = `${this.table}_${createHash('sha256').update(list).digest('hex').slice(0, 16)}`;
    this.sqlite.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${this.table} (${list})`);
    this.made.add(list);
    return true;
  }
}

const pathsOf = (order: readonly OrderKey[]) => new Set(order.map(({ path }) => path.join('/')));

/** The condition that picks candidates. */
export function amongSql({ found }: Candidates): Sql {
  return { sql: 'seq IN (SELECT value FROM json_each(?))', args: [JSON.stringify(found)] };
}
