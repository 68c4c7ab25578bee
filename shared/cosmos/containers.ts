/** The containers: partition keys and lifetimes, and how the indexes are declared beside the queries that need them. */
import { type ContainerDefinition, type IndexingPolicy, PartitionKeyKind } from '@azure/cosmos';
import { days } from './document-type';

interface ContainerLayout {
  /** Paths of the (hierarchical) partition key. */
  partitionKey: readonly string[];
  /** For documents that were written before their type stated a TTL; absent: they do not expire. */
  defaultTtlSeconds?: number;
}

export const CONTAINERS = {
  /**
   * What administrators configure or watch; a change, its audit entry and its activity event share a batch, and the
   * latter two are moved to `log`.
   */
  control: { partitionKey: ['/customerId'] },
  /** Maps secure clients to their customer. */
  directory: { partitionKey: ['/clientId'] },
  /** Last heartbeat of a server, and its commands with lease and result. */
  presence: { partitionKey: ['/customerId', '/serverId'] },
  /** Sessions, with the recording decision, and their recordings. */
  recordings: { partitionKey: ['/customerId', '/month'] },
  /** Event batches, comments, samples: compressed, read whole. */
  'session-data': { partitionKey: ['/customerId', '/sessionId'] },
  /** One document per event that was acted upon, with the state of each action. */
  responses: { partitionKey: ['/customerId', '/siteId', '/month'], defaultTtlSeconds: days(90) },
  /** The administrator log and the activity feed; a month may have buckets. */
  log: { partitionKey: ['/customerId', '/month'] },
  /** Packed performance samples of servers. */
  telemetry: { partitionKey: ['/customerId', '/serverId'], defaultTtlSeconds: days(90) },
  /** Preferences, bookmarks, saved searches of one administrator. */
  people: { partitionKey: ['/customerId', '/administratorId'] },
  /** State shared by the instances of the app: rate limits, runs of sweeps. */
  coordination: { partitionKey: ['/key'] },
  /** Published templates, and likes: the only data that customers share. */
  community: { partitionKey: ['/scope'] },
} satisfies Record<string, ContainerLayout>;

export type ContainerName = keyof typeof CONTAINERS;

/** Index that a query needs in its container. */
export interface IndexDeclaration {
  readonly container: ContainerName;
  /** The properties that it filters by; `x/[]` stands for the items of the array `x`. */
  readonly paths: readonly string[];
  /** The properties that it sorts by, when there are several. The exact reverse order is served too. */
  readonly order?: readonly (readonly [property: string, order: 'ascending' | 'descending'])[];
}

/** What `Partition.list` needs, with the properties that its conditions name. */
export function listIndex(container: ContainerName, ...paths: string[]): IndexDeclaration {
  const order = [
    ['type', 'ascending'],
    ['id', 'ascending'],
  ] as const;
  return { container, paths: ['type', ...paths], order };
}

/** What a list in the order of some properties and then of the id needs, with the properties that its conditions name. */
export function orderedIndex(
  container: ContainerName,
  orderedBy: readonly string[],
  ...paths: string[]
): IndexDeclaration {
  const order = ['type', ...orderedBy, 'id'].map((name) => [name, 'ascending'] as const);
  return { container, paths: ['type', ...orderedBy, ...paths], order };
}

/** Index for an unsorted query for documents of a type, such as a sweep. */
export function filterIndex(container: ContainerName, ...paths: string[]): IndexDeclaration {
  return { container, paths: ['type', ...paths] };
}

/**
 * The definitions of all containers, with only the declared indexes, so that writes stay cheap. Azure and local
 * deployments create the same containers from them.
 */
export function defineContainers(declarations: readonly IndexDeclaration[]): ContainerDefinition[] {
  return Object.entries<ContainerLayout>(CONTAINERS).map(
    ([id, { partitionKey, defaultTtlSeconds = -1 }]) => ({
      id,
      partitionKey: {
        paths: [...partitionKey],
        version: 2,
        ...(partitionKey.length > 1 && { kind: PartitionKeyKind.MultiHash }),
      },
      defaultTtl: defaultTtlSeconds,
      indexingPolicy: policyOf(declarations.filter(({ container }) => container === id)),
    }),
  );
}

function policyOf(declarations: readonly IndexDeclaration[]): IndexingPolicy {
  const paths = new Set(declarations.flatMap((declaration) => declaration.paths));
  const orders = new Map(
    declarations.flatMap(({ order }) => (order ? [[JSON.stringify(order), order] as const] : [])),
  );
  return {
    indexingMode: 'consistent',
    automatic: true,
    includedPaths: [...paths].toSorted().map((path) => ({ path: `/${path}/?` })),
    excludedPaths: [{ path: '/*' }],
    compositeIndexes: [...orders.values()].map((order) =>
      order.map(([property, direction]) => ({ path: `/${property}`, order: direction })),
    ),
  };
}
