/** A resource that is about to be written. */
import { isObject, type Value, type ValueObject } from '../expressions/values';
import { type KnownType } from '../known-types';
import { type ResourceId } from '../resource-id';
import { type StoredResource } from '../store';

export interface Draft {
  id: ResourceId;
  known: KnownType;
  /** As sent, secrets included. */
  body: ValueObject;
  properties: ValueObject;
  /** The existing resource. */
  existing: StoredResource | undefined;
}

/** The member at the end of a path, if all before it are objects. */
export function at(value: Value | undefined, ...path: string[]): Value | undefined {
  return path.reduce<Value | undefined>((found, name) => (isObject(found) ? found[name] : undefined), value);
}

export function textAt(value: Value | undefined, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** An empty one when there is none. */
export function objectAt(value: Value | undefined, ...path: string[]): ValueObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

/** The objects of an array; none when it is not an array. */
export function objectsAt(value: Value | undefined, ...path: string[]): ValueObject[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter(isObject) : [];
}
