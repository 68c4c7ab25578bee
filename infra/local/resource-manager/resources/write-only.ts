/** Removes from a body what Azure accepts but never returns, before anything is stored. */
import { isObject, type ValueObject } from '../expressions/values';

/** Without the members at the paths, such as `properties.osProfile.adminPassword`. */
export function withoutWriteOnly(body: ValueObject, paths: string[]): ValueObject {
  return paths.reduce((rest, path) => without(rest, path.split('.')), body);
}

function without(object: ValueObject, [name = '', ...path]: string[]): ValueObject {
  const { [name]: found, ...rest } = object;
  if (found === undefined || path.length === 0) return rest;
  return isObject(found) ? { ...rest, [name]: without(found, path) } : object;
}

/** The mark in place of a secure parameter's value: Azure would show the value, which tests must detect. */
export const SECURE_MARK = '[value of a secure parameter]';

/** A value too short to be distinguished from other text is kept. */
const minSecretLength = 4;

/** With every occurrence of a secret in its texts replaced by the mark. */
export function masked<T>(value: T, secrets: readonly string[]): T {
  const hidden = secrets.filter((secret) => secret.length >= minSecretLength);
  return hidden.length === 0 ? value : (maskedIn(value, hidden) as T);
}

function maskedIn(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    return secrets.reduce((text, secret) => text.replaceAll(secret, SECURE_MARK), value);
  }
  if (Array.isArray(value)) return value.map((item) => maskedIn(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskedIn(item, secrets)]));
}
