/** Runs a query over one container: SQLite filters, sorts and pages; the evaluator filters and projects. */
import { fingerprintOf, readToken, writeToken } from './continuation';
import { badRequest, notImplemented } from './message';
import {
  compileRows,
  compileSelection,
  distinct,
  type Evaluator,
  type Scope,
  totalsOf,
} from './query/evaluate';
import { filteredPaths } from './query/filtered-paths';
import { type Expression, pathOf, type Query, type Source } from './query/syntax';
import { type JsonObject, type Value } from './query/values';
import { type Container } from './store/catalogue';
import { checkFilter, checkOrderBy, type OrderKey, sortsMissing } from './store/indexing-policy';
import { rankSql, requireJsonPath, type Sql, valueSql } from './store/keys';
import { amongSql } from './store/indexes';
import { pushDownConjuncts, type SeekTerm } from './store/filter-pushdown';
import { type Position } from './store/order';
import { type DocumentReader } from './store/reader';
import { partitionSql, type RequestedKey } from './store/partition-key';

export interface QueryRequest {
  /** Those of the container, or an earlier state of them. */
  readonly documents: DocumentReader;
  /** Refuse filters that no index serves. */
  readonly indexedOnly: boolean;
  /** Absent: all partitions. */
  readonly partition: RequestedKey | undefined;
  readonly maxItemCount: number;
  readonly continuation: string | undefined;
}

export interface QueryPage {
  /** The JSON text of each result. */
  readonly documents: readonly string[];
  readonly continuation: string | undefined;
}

/** The service ends a page at this size. */
const maxPageBytes = 4 * 1024 * 1024;
const maxScannedAtOnce = 1000;

/** A query prepared to run over a container's documents. */
interface Prepared {
  readonly query: Query;
  readonly documents: DocumentReader;
  readonly order: readonly OrderKey[];
  readonly filters: readonly Sql[];
  /** Of the filters those that bound a walk in the order; absent with candidates. */
  readonly bounds: readonly Sql[] | undefined;
  readonly fixed: ReadonlySet<string>;
  readonly seekFirst: boolean;
  /** The SQL filters are equivalent to WHERE, and no JOIN multiplies documents. */
  readonly exact: boolean;
  readonly rows: (body: string) => Iterable<Scope | undefined>;
  readonly select: Evaluator;
  readonly names: readonly string[];
  /** `SELECT *`: the result is the document as it is. */
  readonly whole: boolean;
}

/** Where the next page starts, for a query that is evaluated document by document. */
interface StreamState {
  readonly after: Position | undefined;
  /** Rows of the next document that earlier pages have consumed (JOIN). */
  readonly within: number;
  /** Rows consumed so far, which OFFSET and LIMIT count. */
  readonly seen: number;
}

const streamStart: StreamState = { after: undefined, within: 0, seen: 0 };

/** @throws QuerySyntaxError, or CosmosError 400 for what the service refuses */
export function executeQuery(container: Container, query: Query, request: QueryRequest): QueryPage {
  if (query.from.length === 0) return pageOf(withoutFrom(query), request);
  const prepared = prepare(container, query, request);
  if (query.aggregates.length > 0) return pageOf(aggregate(prepared), request);
  if (query.distinct) return pageOf(distinctResults(prepared), request);
  return stream(prepared, request);
}

function prepare(
  container: Container,
  query: Query,
  { documents, partition, indexedOnly }: QueryRequest,
): Prepared {
  const { root, sources } = rootOf(query);
  const { indexingPolicy } = container.definition;
  const order = query.orderBy.map(({ expression, descending }) => orderKey(expression, descending, root));
  checkOrderBy(indexingPolicy, order);
  if (indexedOnly) checkFilter(indexingPolicy, filteredPaths(query, root));
  const parts = query.where ? pushDownConjuncts(query.where, root) : [];
  const pushed = parts.filter((part) => part !== undefined);
  const seeks = pushed.flatMap((filter) => filter.seeks);
  const fixed = new Set(pushed.flatMap((filter) => filter.fixed));
  const candidates = find(container, documents, { order, seeks, partition });
  const missing = order.length === 0 || sortsMissing(indexingPolicy, order);
  const filters = [
    ...(partition ? [partitionSql(partition)] : []),
    // The filters by which the candidates were found are not applied again.
    ...pushed.filter(({ isSeek, seeks: own }) => !(isSeek && candidates && own.includes(candidates.terms))),
    ...(candidates ? [amongSql(candidates)] : []),
    ...(missing ? [] : order.map(({ path }) => ({ sql: `${rankSql(requireJsonPath(path))}>0`, args: [] }))),
  ];
  const sorted = new Set(order.map(({ path }) => path.join('/')));
  const isOnOrder = ({ seeks: own }: { seeks: readonly (readonly SeekTerm[])[] }) =>
    own.length > 0 && own.flat().every(({ path }) => sorted.has(path.join('/')));
  const bounds = candidates
    ? undefined
    : [...(partition ? [partitionSql(partition)] : []), ...pushed.filter(isOnOrder)];
  const exact = sources.length === 0 && parts.every((part) => part?.exact === true);
  const names = [root, ...sources.map((source) => source.alias)];
  const rows = compileRows(sources, exact ? undefined : query.where, [root]);
  const starred = sources.length === 0 ? root : sources.length === 1 ? sources[0]?.alias : undefined;
  const whole = query.select.kind === 'all' && sources.length === 0;
  return {
    query,
    documents,
    order,
    filters,
    bounds,
    fixed,
    seekFirst:
      candidates !== undefined ||
      seeks.flat().some(({ path }) => !fixed.has(valueSql(requireJsonPath(path)))),
    exact,
    rows: (body) =>
      exact && whole ? [undefined] : rows({ name: root, value: JSON.parse(body) as JsonObject }),
    select: compileSelection(query.select, names, query.from.length === 1 ? starred : undefined),
    names,
    whole,
  };
}

/** The candidates found by the indexes of the current documents; an earlier state has no indexes. */
function find(
  { documents: today }: Container,
  documents: DocumentReader,
  {
    order,
    seeks,
    partition,
  }: {
    order: readonly OrderKey[];
    seeks: readonly (readonly SeekTerm[])[];
    partition: RequestedKey | undefined;
  },
) {
  if (documents !== today) return undefined;
  const { lsn } = today;
  today.indexes.prepare(lsn, order, seeks, partition !== undefined);
  return today.indexes.candidates(
    lsn,
    order,
    seeks,
    partition ? partitionSql(partition) : { sql: '1', args: [] },
  );
}

/** The alias of the documents, and the sources that multiply each. */
function rootOf(query: Query): { root: string; sources: readonly Source[] } {
  const [first] = query.from;
  if (!first?.over) return { root: first?.alias ?? '', sources: query.from.slice(1) };
  if (first.over.kind === 'query') throw notImplemented('a subquery as first source of FROM');
  let expression: Expression = first.over;
  while (expression.kind === 'member') expression = expression.object;
  if (expression.kind !== 'name') throw badRequest('FROM needs the container or a path in its documents.');
  return { root: expression.name, sources: query.from };
}

function orderKey(expression: Expression, descending: boolean, root: string): OrderKey {
  const path = pathOf(expression, root);
  if (!path || path.length === 0) {
    throw badRequest(
      'Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.',
    );
  }
  return { path, descending };
}

function stream(prepared: Prepared, request: QueryRequest): QueryPage {
  const { query, exact } = prepared;
  const skip = query.offset ?? 0;
  const end = skip + (query.limit ?? query.top ?? Infinity);
  const fingerprint = fingerprintOf(query);
  const page = new Page(request.maxItemCount);
  let state = readToken<StreamState>(request.continuation, fingerprint) ?? streamStart;
  for (const { body, position } of scan(
    prepared,
    state.after,
    Math.min(request.maxItemCount, end - state.seen),
  )) {
    let row = 0;
    for (const scope of prepared.rows(body)) {
      if (row++ < state.within) continue;
      if (state.seen >= end) return page.last();
      const result = state.seen < skip ? undefined : project(prepared, scope, body);
      if (result !== undefined && !page.add(result)) return page.before(writeToken(state, fingerprint));
      state = { ...state, within: row, seen: state.seen + 1 };
    }
    state = { after: position, within: 0, seen: state.seen };
    if (state.seen >= end) break;
    // Finding a further document might take an unbounded search: leave that to the next page.
    if (page.isFull && !exact) return page.before(writeToken(state, fingerprint));
  }
  return page.last();
}

/** The results of one page, up to the requested number and the maximum size. */
class Page {
  private readonly documents: string[] = [];
  private sizeBytes = 0;

  constructor(private readonly maxItemCount: number) {}

  get isFull(): boolean {
    return this.documents.length === this.maxItemCount;
  }

  /** False when there is no room; the first result always has. */
  add(result: string): boolean {
    const sizeBytes = this.sizeBytes + Buffer.byteLength(result);
    if (this.isFull || (sizeBytes > maxPageBytes && this.documents.length > 0)) return false;
    this.documents.push(result);
    this.sizeBytes = sizeBytes;
    return true;
  }

  last(): QueryPage {
    return { documents: this.documents, continuation: undefined };
  }

  before(continuation: string): QueryPage {
    return { documents: this.documents, continuation };
  }
}

function project({ whole, select }: Prepared, scope: Scope | undefined, body: string): string | undefined {
  if (whole) return body;
  const value = select(scope);
  return value === undefined ? undefined : JSON.stringify(value);
}

/** All candidate documents in order, fetched in chunks. */
function* scan(
  { documents, order, filters, bounds, fixed, seekFirst, exact }: Prepared,
  from: Position | undefined,
  wanted: number,
) {
  // One more than a page tells whether there is a next one; when documents may yet fail, more are needed.
  let limit = Math.min(maxScannedAtOnce, exact ? wanted + 1 : Math.max(2 * wanted, 100));
  let after = from;
  for (;;) {
    const found = documents.scan({ filters, bounds, order, fixed, seekFirst, after, limit });
    yield* found;
    if (found.length < limit) return;
    after = found.at(-1)?.position;
    limit = maxScannedAtOnce;
  }
}

function* allRows(prepared: Prepared): Iterable<Scope | undefined> {
  for (const { body } of scan(prepared, undefined, maxScannedAtOnce)) yield* prepared.rows(body);
}

function aggregate(prepared: Prepared): Value[] {
  const { query, documents, exact, filters, names, select } = prepared;
  const [only, ...others] = query.aggregates;
  const countsAll =
    exact && others.length === 0 && only?.name === 'COUNT' && only.argument.kind === 'constant';
  const totals =
    countsAll && only.argument.kind === 'constant' && only.argument.value !== undefined
      ? new Map([[only, documents.count(filters)]])
      : totalsOf(query.aggregates, allRows(prepared), names);
  return slice(query, [select(undefined, totals)]);
}

function distinctResults(prepared: Prepared): Value[] {
  const values = Array.from(allRows(prepared), (scope) => prepared.select(scope));
  return slice(prepared.query, distinct(values.filter((value) => value !== undefined)));
}

function withoutFrom(query: Query): Value[] {
  const rows = [...compileRows([], query.where, [])(undefined)];
  const select = compileSelection(query.select, [], undefined);
  if (query.aggregates.length > 0)
    return slice(query, [select(undefined, totalsOf(query.aggregates, rows, []))]);
  return slice(
    query,
    rows.map((scope) => select(scope)),
  );
}

function slice(query: Query, values: readonly Value[]): Value[] {
  const skip = query.offset ?? 0;
  return values.slice(skip, skip + (query.limit ?? query.top ?? Infinity));
}

/** One page of results that are computed completely every time. */
function pageOf(values: readonly Value[], { maxItemCount, continuation }: QueryRequest): QueryPage {
  const start = readToken<{ readonly at: number }>(continuation, 'computed')?.at ?? 0;
  const defined = values.filter((value) => value !== undefined);
  const end = start + maxItemCount;
  return {
    documents: defined.slice(start, end).map((value) => JSON.stringify(value)),
    continuation: end < defined.length ? writeToken({ at: end }, 'computed') : undefined,
  };
}
