/** SQL expressions over a document's JSON text whose order in SQLite is the sort order of the query language. */
import { notImplemented } from '../message';
import { rank } from '../query/values';

export type PropertyPath = readonly (string | number)[];
export type SqlValue = string | number | null;

/** A piece of SQL with its arguments. */
export interface Sql {
  readonly sql: string;
  readonly args: readonly SqlValue[];
}

/** The path as an SQL string literal, or undefined when SQLite's path syntax cannot express it. */
export function jsonPath(path: PropertyPath): string | undefined {
  let text = '$';
  for (const step of path) {
    if (typeof step === 'number') {
      if (!Number.isSafeInteger(step) || step < 0) return undefined;
      text += `[${step}]`;
    } else {
      // What JSON escapes is stored escaped, and a quote ends the key: such keys are left to the evaluator.
      if (JSON.stringify(step) !== `"${step}"`) return undefined;
      text += `."${step}"`;
    }
  }
  return `'${text.replaceAll("'", "''")}'`;
}

/** Like `jsonPath`. Raises 501 for a path that SQLite cannot express. */
export function requireJsonPath(path: PropertyPath): string {
  const text = jsonPath(path);
  if (text === undefined) throw notImplemented(`an index on the property ${JSON.stringify(path)}`);
  return text;
}

/** The one property that every document has as a column too, always a string. */
export const idPath = `'$."id"'`;

/** Rank of the value's type (see `rank`): the first sort key. Never NULL. */
export function rankSql(path: string): string {
  if (path === idPath) return String(rank.string);
  return (
    `(CASE json_type(body,${path}) WHEN 'text' THEN ${rank.string} WHEN 'integer' THEN ${rank.number} ` +
    `WHEN 'real' THEN ${rank.number} WHEN 'true' THEN ${rank.true} WHEN 'false' THEN ${rank.false} ` +
    `WHEN 'null' THEN ${rank.null} WHEN 'array' THEN ${rank.array} WHEN 'object' THEN ${rank.object} ELSE 0 END)`
  );
}

/** The value itself: the second sort key. Every number is a double, as in JavaScript. */
export function valueSql(path: string): string {
  if (path === idPath) return 'id';
  return `(CASE json_type(body,${path}) WHEN 'integer' THEN CAST(body->>${path} AS REAL) ELSE body->>${path} END)`;
}

/** Whether SQLite sees the same string as JavaScript does: no NUL, no half of a surrogate pair. */
export function isPlainText(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}
