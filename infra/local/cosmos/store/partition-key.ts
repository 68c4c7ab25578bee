/** Partition keys: read from documents and headers, compared as canonical JSON text. */
import { badRequest } from '../message';
import { isObject, type Json, type JsonObject, type Value } from '../query/values';
import { splitPath } from './indexing-policy';
import { type Sql } from './keys';

/** The substatus of 400 for a document whose key is not the one of the request. */
const mismatchSubstatus = 1001;

/** Value of a property that a document lacks. */
const none = {};

/** The canonical text of a document's partition key, such as `["contoso",3,{}]`. Raises 400 for arrays and objects. */
export function partitionKeyOf(document: JsonObject, paths: readonly string[]): string {
  return JSON.stringify(
    paths.map((path) => {
      const value = splitPath(path).reduce<Value>(
        (parent, step) => (isObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined),
        document,
      );
      if (Array.isArray(value) || (isObject(value) && Object.keys(value).length > 0)) {
        throw badRequest(`The partition key ${path} must be a string, a number, a boolean or null.`);
      }
      return value ?? (value === null ? null : none);
    }),
  );
}

/** A key from a request: the text that selects documents, and whether it names every level of the key. */
export interface RequestedKey {
  readonly text: string;
  readonly complete: boolean;
}

/** Reads the `x-ms-documentdb-partitionkey` header or the `partitionKey` of a bulk operation. */
export function parsePartitionKey(text: string, paths: readonly string[]): RequestedKey {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw badRequest('The partition key is not valid JSON.', undefined, cause);
  }
  if (!Array.isArray(values) || values.length === 0 || values.length > paths.length) {
    throw badRequest(
      'The partition key does not have the shape of the container’s partition key.',
      mismatchSubstatus,
    );
  }
  return { text: JSON.stringify(values as Json[]), complete: values.length === paths.length };
}

/** Raises 400 unless the document belongs to the partition that the request names. */
export function checkPartitionKey(document: JsonObject, paths: readonly string[], requested: string): void {
  if (partitionKeyOf(document, paths) !== requested) {
    throw badRequest(
      'PartitionKey extracted from document doesn’t match the one specified in the header.',
      mismatchSubstatus,
    );
  }
}

/** Selects one logical partition, or all that begin with an incomplete hierarchical key. */
export function partitionSql(key: RequestedKey): Sql {
  if (key.complete) return { sql: 'pk=?', args: [key.text] };
  const prefix = key.text.slice(0, -1);
  // The comma that follows the prefix is the character before the hyphen.
  return { sql: 'pk>=? AND pk<?', args: [`${prefix},`, `${prefix}-`] };
}
