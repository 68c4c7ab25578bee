/** The dependencies of use cases, created once per process from the configuration. */
import type { Clock } from './clock';
import { systemClock } from './clock';
import type { Config } from './config';
import { type ArchiveLocations, openArchiveLocations } from './blobs/archive-locations';
import { type BlobStore, openBlobStore } from './blobs/blob-store';
import { type Database, openDatabase } from './cosmos/database';
import { appCredential } from './credential';
import { type EventPublisher, openEventPublisher } from './events/event-publisher';
import { Cursors } from './http/cursor';
import { RateLimits } from './http/rate-limits';
import { GroupRoles } from './identity/administrator-groups';
import { SeenAdministrators } from './identity/seen-administrators';
import { ActiveClients } from './identity/active-clients';
import { ClientTokens } from './identity/client-tokens';
import { TokenVerifier } from './identity/token-verifier';
import { PackageCatalogue } from './packages/package-catalogue';
import { RetailPricesClient } from './prices/retail-prices-client';
import { openQueues, type Queues } from './queues/queue';
import { openSecretStore, type SecretStore } from './secrets/secret-store';
import { WorkLimits } from './work-limits';

export interface Services {
  readonly config: Config;
  readonly clock: Clock;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly archives: ArchiveLocations;
  readonly packages: PackageCatalogue;
  readonly queues: Queues;
  readonly secrets: SecretStore;
  readonly events: EventPublisher;
  readonly cursors: Cursors;
  readonly rateLimits: RateLimits;
  readonly workLimits: WorkLimits;
  readonly tokens: TokenVerifier;
  readonly clientTokens: ClientTokens;
  readonly activeClients: ActiveClients;
  readonly groupRoles: GroupRoles;
  readonly seenAdministrators: SeenAdministrators;
  readonly retailPrices: RetailPricesClient;
}

/**
 * The services of the configuration; nothing is called yet. Each is opened when it is first asked for,
 * so that a process loads the client libraries that its requests need, and no others.
 */
export function openServices(config: Config, clock: Clock = systemClock): Services {
  const credential = once(() => appCredential(config));
  const services: Services = lazily<Services>({
    config: () => config,
    clock: () => clock,
    database: () => openDatabase(config, credential()),
    secrets: () => openSecretStore(config, credential()),
    blobs: () => openBlobStore(config, credential(), clock),
    archives: () => openArchiveLocations(config, () => services.blobs, credential, clock),
    packages: () => new PackageCatalogue(() => services.blobs, clock),
    queues: () => openQueues(config, credential()),
    events: () => openEventPublisher(config, credential()),
    rateLimits: () => new RateLimits(config.requests),
    workLimits: () => new WorkLimits(config.requests, clock),
    cursors: () => new Cursors(services.secrets),
    tokens: () => new TokenVerifier(config.administrators, clock),
    clientTokens: () => new ClientTokens(`${config.publicUrl}/api/cloud-client/v1`, services.secrets, clock),
    activeClients: () => new ActiveClients(services.database, clock),
    groupRoles: () => new GroupRoles(services.database, clock),
    seenAdministrators: () => new SeenAdministrators(services.database, clock),
    retailPrices: () => new RetailPricesClient(config.deployment.retailPricesUrl, clock),
  });
  return services;
}

/** An object whose members are created on first access. */
function lazily<T extends object>(makers: { [K in keyof T]: () => T[K] }): T {
  const members = Object.entries<() => unknown>(makers).map(([name, make]) => [
    name,
    { enumerable: true, get: once(make) },
  ]);
  return Object.defineProperties({}, Object.fromEntries(members) as PropertyDescriptorMap) as T;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
