/** ORDER BY and paging in SQL: a page starts after the sort keys at which the last one stopped. */
import { type OrderKey } from './indexing-policy';
import { rankSql, requireJsonPath, type Sql, type SqlValue, valueSql } from './keys';

/** Where a scan stopped: the sort keys of the last document (rank and value of each), and its `seq`. */
export interface Position {
  readonly keys: readonly SqlValue[];
  readonly seq: number;
}

export interface SortColumn {
  readonly sql: string;
  readonly descending: boolean;
}

/** Rank and value of every key. */
export function sortColumns(order: readonly OrderKey[]): SortColumn[] {
  return order.flatMap(({ path, descending }) => {
    const text = requireJsonPath(path);
    return [rankSql(text), valueSql(text)].map((sql) => ({ sql, descending }));
  });
}

/** The documents after a position, in the order of the columns and then of `seq`. */
export function resumeSql(columns: readonly SortColumn[], { keys, seq }: Position): Sql {
  const args: SqlValue[] = [];
  let sql = '';
  for (const [i, column] of columns.entries()) {
    const key = keys[i] ?? null;
    sql += `(${column.sql}${column.descending ? '<' : '>'}? OR (${column.sql} IS ? AND `;
    args.push(key, key);
  }
  sql += `seq>?${'))'.repeat(columns.length)}`;
  args.push(seq);
  const [type, value] = columns;
  if (!type || !value) return { sql, args };
  // Implied by the above, in a form for which SQLite can use an index. Null has a rank but no value to compare.
  const comparison = type.descending ? '<=' : '>=';
  const [rank = null, bound = null] = keys;
  return bound === null
    ? { sql: `${type.sql}${comparison}? AND ${sql}`, args: [rank, ...args] }
    : { sql: `(${type.sql},${value.sql})${comparison}(?,?) AND ${sql}`, args: [rank, bound, ...args] };
}

export function conjunction(parts: readonly Sql[]): Sql {
  if (parts.length === 0) return { sql: '1', args: [] };
  return {
    sql: parts.map((part) => `(${part.sql})`).join(' AND '),
    args: parts.flatMap((part) => part.args),
  };
}
