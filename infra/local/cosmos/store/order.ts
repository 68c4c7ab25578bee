/** ORDER BY and paging in SQL: a page starts after the sort keys at which the last one stopped. */
import { type OrderKey } from './indexing-policy';
import { idPath, rankSql, requireJsonPath, type Sql, type SqlValue, valueSql } from './keys';

/** Where a scan stopped: the sort keys of the last document (rank and value of each), and its `seq`. */
export interface Position {
  readonly keys: readonly SqlValue[];
  readonly seq: number;
}

export interface SortColumn {
  readonly sql: string;
  readonly descending: boolean;
}

/** Rank and value of every key; an id has no rank that could differ. */
export function sortColumns(order: readonly OrderKey[]): SortColumn[] {
  return order.flatMap(({ path, descending }) => {
    const text = requireJsonPath(path);
    const columns = text === idPath ? [valueSql(text)] : [rankSql(text), valueSql(text)];
    return columns.map((sql) => ({ sql, descending }));
  });
}

/**
 * The terms of an ORDER BY, and of the index for it. `seq` makes the order total; it has the direction of the first key,
 * so that one index serves an order and its reverse.
 */
export function orderTerms(columns: readonly SortColumn[]): string[] {
  const directions = [...columns, { sql: 'seq', descending: columns[0]?.descending ?? false }];
  return directions.map(({ sql, descending }) => sql + (descending ? ' DESC' : ''));
}

/**
 * The ORDER BY of a scan. SQLite does not see by itself that an expression with one value needs no sorting.
 * @param seekFirst without columns: have SQLite find the documents by their index, not walk the table in order
 */
export function sortSql(
  columns: readonly SortColumn[],
  fixed: ReadonlySet<string>,
  seekFirst: boolean,
): string {
  if (columns.length === 0) return seekFirst ? '+seq' : 'seq';
  return orderTerms(columns)
    .filter((_term, i) => !fixed.has(columns[i]?.sql ?? ''))
    .join(', ');
}

/**
 * The documents after a position, in the order of the columns and then of `seq`.
 * @param fixed columns that have one value in all documents, which need no comparison
 */
export function resumeSql(
  columns: readonly SortColumn[],
  fixed: ReadonlySet<string>,
  { keys, seq }: Position,
): Sql {
  const live = columns
    .map((column, i) => ({ ...column, key: keys[i] ?? null }))
    .filter(({ sql }) => !fixed.has(sql));
  const args: SqlValue[] = [];
  let sql = '';
  for (const column of live) {
    sql += `(${column.sql}${column.descending ? '<' : '>'}? OR (${column.sql} IS ? AND `;
    args.push(column.key, column.key);
  }
  sql += `seq${columns[0]?.descending ? '<' : '>'}?${'))'.repeat(live.length)}`;
  args.push(seq);
  const [first] = live;
  // Null has a rank but no value to compare.
  if (!first || first.key === null) return { sql, args };
  // Implied by the above, in a form for which SQLite can use an index.
  const second = live[1]?.descending === first.descending ? live[1] : undefined;
  const comparison = first.descending ? '<=' : '>=';
  return second && second.key !== null
    ? {
        sql: `(${first.sql},${second.sql})${comparison}(?,?) AND ${sql}`,
        args: [first.key, second.key, ...args],
      }
    : { sql: `${first.sql}${comparison}? AND ${sql}`, args: [first.key, ...args] };
}

export function conjunction(parts: readonly Sql[]): Sql {
  if (parts.length === 0) return { sql: '1', args: [] };
  return {
    sql: parts.map((part) => `(${part.sql})`).join(' AND '),
    args: parts.flatMap((part) => part.args),
  };
}
