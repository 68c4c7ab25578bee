/** The database: partitions by their key, and the few cross-partition sweeps. */
import { isDeepStrictEqual } from 'node:util';
import {
  type ContainerDefinition,
  CosmosClient,
  type Database as CosmosDatabase,
  type SqlParameter,
} from '@azure/cosmos';
import type { TokenCredential } from '@azure/identity';
import type { Config } from '../config';
import { type ContainerName } from './containers';
import { cosmosHttpClient } from './http-client';
import { OwnWrites } from './own-writes';
import { Partition } from './partition';

/** Retries of throttled requests; each wait is bounded by the HTTP client. */
const RETRY_OPTIONS = {
  maxRetryAttemptCount: 9,
  maxWaitTimeInSeconds: 6,
  fixedRetryIntervalInMilliseconds: 0,
};

export class Database {
  private readonly database: CosmosDatabase;
  private readonly writes = new OwnWrites();

  constructor(client: CosmosClient, name: string) {
    this.database = client.database(name);
  }

  control(customerId: string): Partition {
    const container = this.database.container('control');
    return new Partition(container, { customerId }, (id) => this.writes.note(`${customerId} ${id}`));
  }

  /** The number of writes to `control` that this process has sent. */
  ownWrites(): number {
    return this.writes.now();
  }

  /** Whether this process may have written a document of `control` since then, a value of `ownWrites()`. */
  isWrittenSince(customerId: string, wireId: string, since: number): boolean {
    return this.writes.isWrittenSince(`${customerId} ${wireId}`, since);
  }

  directory(clientId: string): Partition {
    return this.partition('directory', { clientId });
  }

  presence(customerId: string, serverId: string): Partition {
    return this.partition('presence', { customerId, serverId });
  }

  recordings(customerId: string, month: string): Partition {
    return this.partition('recordings', { customerId, month });
  }

  sessionData(customerId: string, sessionId: string): Partition {
    return this.partition('session-data', { customerId, sessionId });
  }

  responses(customerId: string, siteId: string, month: string): Partition {
    return this.partition('responses', { customerId, siteId, month });
  }

  log(customerId: string, month: string): Partition {
    return this.partition('log', { customerId, month });
  }

  telemetry(customerId: string, serverId: string): Partition {
    return this.partition('telemetry', { customerId, serverId });
  }

  people(customerId: string, administratorId: string): Partition {
    return this.partition('people', { customerId, administratorId });
  }

  /** State shared by the instances of the app; `key` names one item. */
  coordination(key: string): Partition {
    return this.partition('coordination', { key });
  }

  /** Data shared by customers: published templates, by parts. Only here do documents of several customers lie together. */
  community(scope: string): Partition {
    return this.partition('community', { scope });
  }

  /**
   * A query across partitions, for timers only: one range-indexed instant, no order.
   * Yields rows page by page.
   */
  async *sweep<R>(container: ContainerName, query: string, parameters: SqlParameter[]): AsyncGenerator<R> {
    const pages = this.database
      .container(container)
      .items.query<R>({ query, parameters }, { maxItemCount: 100 });
    while (pages.hasMoreResults()) {
      const { resources } = await pages.fetchNext();
      yield* resources ?? [];
    }
  }

  /** Resolves when the database responds. @throws the SDK's error when it does not. */
  async ping(): Promise<void> {
    await this.database.read();
  }

  private partition(container: ContainerName, key: Record<string, string>): Partition {
    return new Partition(this.database.container(container), key);
  }
}

/** A database on the configured account, reached with the app's identity. */
export function openDatabase(config: Config, credential: TokenCredential): Database {
  const client = new CosmosClient({
    endpoint: config.cosmos.endpoint,
    aadCredentials: credential,
    httpClient: cosmosHttpClient(),
    connectionPolicy: { retryOptions: RETRY_OPTIONS },
  });
  return new Database(client, config.cosmos.database);
}

/**
 * Creates the database and its containers where missing, and updates existing ones to the current indexes and
 * lifetimes (one machine and tests; Azure has `infra/azure`).
 */
export async function provisionDatabase(
  client: CosmosClient,
  name: string,
  containers: readonly ContainerDefinition[],
): Promise<void> {
  const { database } = await client.databases.createIfNotExists({ id: name });
  for (const definition of containers) {
    const { container, resource } = await database.containers.createIfNotExists(definition);
    if (!resource || isAsDefined(resource, definition)) continue;
    // Its partition key cannot be changed: the database rejects a different one.
    await container.replace(definition);
  }
}

function isAsDefined(existing: ContainerDefinition, wanted: ContainerDefinition): boolean {
  const changeable = ({ defaultTtl, indexingPolicy }: ContainerDefinition) => ({
    defaultTtl,
    indexingPolicy,
  });
  return isDeepStrictEqual(changeable(existing), changeable(wanted));
}
