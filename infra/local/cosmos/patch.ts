/** Partial document update: applies the operations of a PATCH to a document. Pure. */
import { badRequest } from './message';
import { isObject, type Json, type JsonObject } from './query/values';
import { splitPath } from './store/indexing-policy';

export interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: Json;
  /** The source of a move. */
  readonly from?: string;
}

/** The service's limit for one request. */
const maxOperations = 10;

/** The system properties. */
const systemProperties = new Set(['id', '_rid', '_self', '_etag', '_attachments', '_ts']);

type Place =
  | { readonly parent: JsonObject; readonly key: string }
  | { readonly parent: Json[]; readonly key: string; readonly index: number };

/**
 * The document with the operations applied in turn; the given one is not changed.
 * Raises 400 for an unknown operation, a missing parent or target, a protected path, or a wrong type.
 */
export function applyPatch(document: JsonObject, operations: readonly PatchOperation[]): JsonObject {
  if (operations.length === 0 || operations.length > maxOperations) {
    throw badRequest(`A patch has 1 to ${maxOperations} operations.`);
  }
  const patched = structuredClone(document);
  for (const operation of operations) apply(patched, operation);
  return patched;
}

function apply(document: JsonObject, { op, path, value, from }: PatchOperation): void {
  switch (op) {
    case 'add':
      return add(locate(document, path), path, required(value, op));
    case 'set':
      return set(locate(document, path), path, required(value, op));
    case 'replace':
      find(locate(document, path), path);
      return set(locate(document, path), path, required(value, op));
    case 'remove':
      find(locate(document, path), path);
      return remove(locate(document, path));
    case 'incr':
      return increment(locate(document, path), path, required(value, op));
    case 'move': {
      const source = locate(document, from ?? '');
      const moved = find(source, from ?? '');
      remove(source);
      return set(locate(document, path), path, moved);
    }
    default:
      throw badRequest(`The patch operation '${op}' is not known.`);
  }
}

function locate(document: JsonObject, path: string): Place {
  const steps = path.startsWith('/') ? path.slice(1).split('/').map(unescapeStep) : [];
  const key = steps.pop();
  if (key === undefined || key === '') throw badRequest(`The patch path '${path}' is not valid.`);
  if (steps.length === 0 && systemProperties.has(key))
    throw badRequest(`The path '${path}' cannot be patched.`);
  let parent: Json = document;
  for (const step of steps) {
    const inner: Json | undefined = Array.isArray(parent) ? parent[Number(step)] : own(parent, step);
    if (inner === undefined) throw badRequest(`The parent of the patch path '${path}' does not exist.`);
    parent = inner;
  }
  if (isObject(parent)) return { parent, key };
  if (!Array.isArray(parent))
    throw badRequest(`The parent of the patch path '${path}' is not an object or array.`);
  const index = key === '-' ? parent.length : Number(key);
  if (!Number.isInteger(index) || index < 0 || index > parent.length) {
    throw badRequest(`The index in the patch path '${path}' is out of range.`);
  }
  return { parent, key, index };
}

/** JSON pointer escapes. */
function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function own(parent: Json, key: string): Json | undefined {
  return isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function current(place: Place): Json | undefined {
  return 'index' in place ? place.parent[place.index] : own(place.parent, place.key);
}

function find(place: Place, path: string): Json {
  const value = current(place);
  if (value === undefined) throw badRequest(`The patch path '${path}' does not exist.`);
  return value;
}

/** On an array, add inserts; elsewhere it sets. */
function add(place: Place, path: string, value: Json): void {
  if ('index' in place) place.parent.splice(place.index, 0, value);
  else set(place, path, value);
}

function set(place: Place, path: string, value: Json): void {
  if ('index' in place) {
    place.parent[place.index] = value;
    return;
  }
  if (place.key === '__proto__') throw badRequest(`The path '${path}' cannot be patched.`);
  place.parent[place.key] = value;
}

function remove(place: Place): void {
  if ('index' in place) place.parent.splice(place.index, 1);
  else delete place.parent[place.key];
}

function increment(place: Place, path: string, by: Json): void {
  const value = current(place) ?? (current(place) === null ? null : 0);
  if (typeof value !== 'number' || typeof by !== 'number') {
    throw badRequest(`The patch path '${path}' cannot be incremented: it is not a number.`);
  }
  set(place, path, value + by);
}

function required(value: Json | undefined, op: string): Json {
  if (value === undefined) throw badRequest(`The patch operation '${op}' needs a value.`);
  return value;
}

/** Whether one of the operations would move the document to another partition. */
export function touchesPartitionKey(
  operations: readonly PatchOperation[],
  paths: readonly string[],
): boolean {
  const keys = paths.map((path) => splitPath(path).join('/'));
  return operations.some(({ path, from }) =>
    keys.some((key) =>
      [path, from].some((one) => one !== undefined && `${key}/`.startsWith(`${one.slice(1)}/`)),
    ),
  );
}
