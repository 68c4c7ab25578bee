/** The values of expressions: JSON, and a placeholder for what is not known before a deployment runs. */

/** Placeholder for the values of `reference` and `list…` while a template is checked before it is deployed. */
export const UNKNOWN: unique symbol = Symbol('known while deploying');

export type Value = null | boolean | number | string | typeof UNKNOWN | Value[] | ValueObject;
export interface ValueObject {
  [name: string]: Value;
}

export function isObject(value: Value | undefined): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it contains a value that is known only while deploying. */
export function holdsUnknown(value: Value): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsUnknown);
}

/** The name that Resource Manager's messages give to the type of a value. */
export function typeName(value: Value): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  switch (typeof value) {
    case 'boolean':
      return 'Boolean';
    case 'number':
      return Number.isInteger(value) ? 'Integer' : 'Float';
    case 'string':
      return 'String';
    case 'symbol':
      return 'Unknown';
    default:
      return 'Object';
  }
}

/** Names of members do not distinguish case; an exact match wins. */
export function memberName(object: object, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name;
  const lower = name.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === lower);
}

/** The member of that name, whatever its letter case; undefined when there is none. */
export function member<T>(object: Record<string, T>, name: string): T | undefined {
  const key = memberName(object, name);
  return key === undefined ? undefined : object[key];
}

/** Strings by case, objects whatever the order of their members. */
export function isEqual(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isEqual(item, right[index] ?? null))
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key] ?? null, right[key] ?? null))
  );
}

/** As `string()` writes it: booleans in .NET's way, arrays and objects as JSON. */
export function asText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null ? '' : JSON.stringify(value);
}
