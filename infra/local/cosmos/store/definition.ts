/** The definition of a container. */
import { badRequest } from '../message';
import { defaultIndexingPolicy, type IndexingPolicy } from './indexing-policy';

/** What the client defines of a container, completed with the service's defaults. */
export interface ContainerDefinition {
  readonly id: string;
  readonly partitionKey: {
    readonly paths: readonly string[];
    readonly kind: string;
    readonly version?: number;
  };
  readonly indexingPolicy: IndexingPolicy;
  readonly uniqueKeyPolicy?: { readonly uniqueKeys: readonly { readonly paths: readonly string[] }[] };
  /** Seconds; -1: only documents with a `ttl` of their own expire; absent: none do. */
  readonly defaultTtl?: number;
}

/** Completes a client's definition. Raises 400 when the partition key is missing. */
export function completeDefinition(body: Record<string, unknown>): ContainerDefinition {
  const { id, partitionKey, indexingPolicy, uniqueKeyPolicy, defaultTtl } =
    body as Partial<ContainerDefinition>;
  if (typeof id !== 'string') throw badRequest('The container needs an id.');
  if (!Array.isArray(partitionKey?.paths) || partitionKey.paths.length === 0) {
    throw badRequest('The container needs a partition key.');
  }
  return {
    id,
    partitionKey: { ...partitionKey, kind: partitionKey.paths.length > 1 ? 'MultiHash' : 'Hash' },
    indexingPolicy: { ...defaultIndexingPolicy, ...indexingPolicy },
    ...(uniqueKeyPolicy && { uniqueKeyPolicy }),
    ...(defaultTtl != null && { defaultTtl }),
  };
}
