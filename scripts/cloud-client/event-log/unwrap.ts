/** Takes records out of answers and lists that hold them: tables of Azure Monitor, and lists that do not begin with one. */
import { readLogRecord } from './dialects';
import { isObject, type JsonObject } from './json-values';
import { isSessionEventInput } from './session-event-input';

/** Whether a value is a record or a session event, and not something around or within one. */
export function isRecord(value: unknown): boolean {
  return isSessionEventInput(value) || readLogRecord(value) !== undefined;
}

/** The value itself, or the values in it when it is no record, and they are. */
export function unwrap(value: unknown): unknown[] {
  if (!isObject(value) || isRecord(value)) return [value];
  const rows = Array.isArray(value.tables) ? (value.tables as unknown[]).flatMap(rowsOf) : [];
  if (rows.some(isRecord)) return rows;
  const lists = Object.values(value).filter((member) => Array.isArray(member)) as unknown[][];
  return lists.find((list) => list.some(isRecord)) ?? [value];
}

/** The rows of a table, `{ columns: [{ name }], rows: [[value]] }`, as objects. */
function rowsOf(table: unknown): JsonObject[] {
  if (!isObject(table) || !Array.isArray(table.columns) || !Array.isArray(table.rows)) return [];
  const names = (table.columns as unknown[]).map((column) => (isObject(column) ? String(column.name) : ''));
  const rows = (table.rows as unknown[]).filter((row) => Array.isArray(row)) as unknown[][];
  return rows.map((row) => Object.fromEntries(row.map((value, index) => [names[index] ?? '', value])));
}
