/** JSON values as the query language sees them: types in their sort order, equality, comparison. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** `undefined` is a value of its own (a missing property), different from null. */
export type Value = Json | undefined;

/**
 * The sort order between types: undefined, null, false, true, number, string, array, object.
 * Source: "ORDER BY clause" and "Equality and comparison operators" in the Cosmos DB query reference.
 */
export const rank = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  string: 5,
  array: 6,
  object: 7,
} as const;

export function rankOf(value: Value): number {
  if (value === undefined) return rank.undefined;
  if (value === null) return rank.null;
  if (typeof value === 'boolean') return value ? rank.true : rank.false;
  if (typeof value === 'number') return rank.number;
  if (typeof value === 'string') return rank.string;
  return Array.isArray(value) ? rank.array : rank.object;
}

export function isObject(value: Value): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deep equality; the order of an object's keys does not matter. */
export function equal(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, i) => equal(item, right[i] ?? null))
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equal(left[key] ?? null, right[key] ?? null))
  );
}

/** Strings by code point, as UTF-8 bytes sort (and so as SQLite sorts them); UTF-16 units sort otherwise. */
export function compareStrings(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    if (left.charCodeAt(i) !== right.charCodeAt(i)) {
      return (left.codePointAt(i) ?? 0) >= 0xd800 || (right.codePointAt(i) ?? 0) >= 0xd800
        ? compareCodePoints(left, right)
        : left.charCodeAt(i) - right.charCodeAt(i);
    }
  }
  return left.length - right.length;
}

function compareCodePoints(left: string, right: string): number {
  const others = [...right];
  for (const [i, char] of [...left].entries()) {
    const other = others[i];
    if (other === undefined) return 1;
    if (char !== other) return (char.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  }
  return -1;
}

/** Order of two values of one type; undefined when the types differ or have no order (arrays, objects). */
export function compare(left: Value, right: Value): number | undefined {
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return left === null && right === null ? 0 : undefined;
}
