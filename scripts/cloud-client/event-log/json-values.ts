/** Reads values from parsed JSON of unknown shape. */
import { textOf } from './log-record';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a dotted path, nested or under the dotted name itself; of a list of one, its element. */
export function valueAt(value: JsonObject, dottedPath: string): unknown {
  if (Object.hasOwn(value, dottedPath)) return only(value[dottedPath]);
  let current: unknown = value;
  for (const part of dottedPath.split('.')) {
    if (!isObject(current) || !Object.hasOwn(current, part)) return undefined;
    current = current[part];
  }
  return only(current);
}

/** The first of several names that has a text (or number). */
export function textAt(value: JsonObject, ...dottedPaths: string[]): string | undefined {
  for (const path of dottedPaths) {
    const text = textOf(valueAt(value, path));
    if (text !== undefined) return text;
  }
  return undefined;
}

/** An event id, which some writers quote, and some extend by the qualifiers above its 16 bits. */
export function eventIdAt(value: JsonObject, ...dottedPaths: string[]): number | undefined {
  const text = textAt(value, ...dottedPaths);
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) & 0xffff : undefined;
}

/** The entries of an object whose values are scalars, as text. */
export function textFields(value: JsonObject): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, entry] of Object.entries(value)) {
    const text = textOf(only(entry));
    if (text !== undefined) fields[name] = text;
  }
  return fields;
}

function only(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? (value as unknown[])[0] : value;
}
