/** The containers: partition keys, indexes and lifetimes. Azure (infra/azure) and one machine make the same ones. */
import { type ContainerDefinition, type IndexingPolicy, PartitionKeyKind } from '@azure/cosmos';

const DAY_SECONDS = 86_400;

/** Everything is off the index but what a query asks for: writes stay cheap. */
function indexed(paths: string[], composites: [string, 'ascending' | 'descending'][][] = []): IndexingPolicy {
  return {
    indexingMode: 'consistent',
    automatic: true,
    includedPaths: paths.map((path) => ({ path: `/${path}/?` })),
    excludedPaths: [{ path: '/*' }],
    compositeIndexes: composites.map((fields) =>
      fields.map(([field, order]) => ({ path: `/${field}`, order })),
    ),
  };
}

function hierarchical(...paths: string[]) {
  return paths.length === 1 ? { paths, version: 2 } : { paths, kind: PartitionKeyKind.MultiHash, version: 2 };
}

/** By what event trigger templates are searched, own ones and published ones. */
const TEMPLATE_SEARCH = ['searchText', 'themeKey', 'contributorKey', 'categories/[]'];

/** Log entries of a type, newest first. */
const LOG_ORDER: [string, 'descending'][] = [
  ['type', 'descending'],
  ['at', 'descending'],
  ['id', 'descending'],
];

/** `-1` keeps documents for ever unless one carries its own `ttl`. */
const PER_DOCUMENT = -1;

export const CONTAINERS = {
  /**
   * What administrators configure or watch; a change, its audit entry and its activity event share a batch, and the
   * latter two are moved to `log`.
   */
  control: {
    partitionKey: hierarchical('/customerId'),
    defaultTtl: PER_DOCUMENT,
    indexingPolicy: indexed(
      [
        'type',
        'siteId',
        'kind',
        'policyId',
        'status',
        'at',
        'dueAt',
        'lastSeenAt',
        'databaseKey',
        ...TEMPLATE_SEARCH,
      ],
      [
        [
          ['type', 'ascending'],
          ['id', 'ascending'],
        ],
        [
          ['type', 'ascending'],
          ['id', 'descending'],
        ],
        LOG_ORDER,
      ],
    ),
  },
  /** Which customer a secure client belongs to. */
  directory: { partitionKey: hierarchical('/clientId'), indexingPolicy: indexed([]) },
  /** Last heartbeat of a server, and its commands with lease and result. */
  presence: {
    partitionKey: hierarchical('/customerId', '/serverId'),
    defaultTtl: PER_DOCUMENT,
    indexingPolicy: indexed(
      ['type', 'status', 'dueAt', 'leasedUntil', 'expiresAt', 'lastSeenAt'],
      [
        [
          ['type', 'ascending'],
          ['id', 'ascending'],
        ],
      ],
    ),
  },
  /** Sessions, with the decision taken, and their recordings. */
  recordings: {
    partitionKey: hierarchical('/customerId', '/month'),
    defaultTtl: PER_DOCUMENT,
    indexingPolicy: indexed(
      [
        'type',
        'sessionId',
        'siteId',
        'serverId',
        'state',
        'userKey',
        'accountKey',
        'hostKey',
        'scopeKeys/[]',
        'startedAt',
        'dueAt',
      ],
      [
        [
          ['type', 'ascending'],
          ['id', 'ascending'],
        ],
        [
          ['type', 'ascending'],
          ['id', 'descending'],
        ],
      ],
    ),
  },
  /** Event batches, comments, samples: packed, read whole. */
  'session-data': {
    partitionKey: hierarchical('/customerId', '/sessionId'),
    defaultTtl: PER_DOCUMENT,
    indexingPolicy: indexed(
      ['type', 'at', 'dueAt'],
      [
        [
          ['type', 'ascending'],
          ['id', 'ascending'],
        ],
      ],
    ),
  },
  /** One document per event that was acted upon, with the state of each action. */
  responses: {
    partitionKey: hierarchical('/customerId', '/siteId', '/month'),
    defaultTtl: 90 * DAY_SECONDS,
    indexingPolicy: indexed(
      ['type', 'sessionId', 'at', 'dueAt', 'ruleId', 'searchedBy/[]'],
      [
        [
          ['at', 'descending'],
          ['id', 'descending'],
        ],
      ],
    ),
  },
  /** The administrator log and the activity feed; a month may have buckets. */
  log: {
    partitionKey: hierarchical('/customerId', '/month'),
    defaultTtl: PER_DOCUMENT,
    indexingPolicy: indexed(['type', 'at'], [LOG_ORDER]),
  },
  /** Preferences, bookmarks, saved searches of one administrator. */
  people: {
    partitionKey: hierarchical('/customerId', '/administratorId'),
    defaultTtl: PER_DOCUMENT,
    indexingPolicy: indexed(
      ['type'],
      [
        [
          ['type', 'ascending'],
          ['id', 'ascending'],
        ],
      ],
    ),
  },
  /** Packed samples and daily statistics of a server. */
  telemetry: {
    partitionKey: hierarchical('/customerId', '/serverId'),
    defaultTtl: 90 * DAY_SECONDS,
    indexingPolicy: indexed(
      ['type', 'at'],
      [
        [
          ['type', 'ascending'],
          ['id', 'ascending'],
        ],
      ],
    ),
  },
  /** Published templates, and likes: the one thing that customers share. */
  community: {
    partitionKey: hierarchical('/scope'),
    indexingPolicy: indexed(
      ['type', ...TEMPLATE_SEARCH],
      [
        [
          ['type', 'ascending'],
          ['id', 'ascending'],
        ],
        [
          ['type', 'ascending'],
          ['id', 'descending'],
        ],
      ],
    ),
  },
} satisfies Record<string, Omit<ContainerDefinition, 'id'>>;

export type ContainerName = keyof typeof CONTAINERS;
