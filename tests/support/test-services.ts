/** For tests: the kernel over the real Cosmos SDK and gateway in memory, with its own keys and secrets. */
import type { CosmosClient } from '@azure/cosmos';
import { createLocalJWKSet } from 'jose';
import { containers } from '../../functions/containers';
import { withoutRequestLimits } from '../../infra/local/stack/environment';
import { type Middleware } from '../../infra/local/cosmos/message';
import { startTestCosmos } from '../../infra/local/cosmos/testing';
import { ArchiveLocations } from '../../shared/blobs/archive-locations';
import { loadConfig } from '../../shared/config';
import { Database, provisionDatabase } from '../../shared/cosmos/database';
import { RateLimits } from '../../shared/http/rate-limits';
import { Cursors } from '../../shared/http/cursor';
import { GroupRoles } from '../../shared/identity/administrator-groups';
import { SeenAdministrators } from '../../shared/identity/seen-administrators';
import { ActiveClients } from '../../shared/identity/active-clients';
import { ClientTokens } from '../../shared/identity/client-tokens';
import { TokenVerifier } from '../../shared/identity/token-verifier';
import { PackageCatalogue } from '../../shared/packages/package-catalogue';
import { RetailPricesClient } from '../../shared/prices/retail-prices-client';
import type { Services } from '../../shared/services';
import { WorkLimits } from '../../shared/work-limits';
import { MemoryVault } from './memory-vault';
import { TestClock } from './test-clock';
import { issuerOptions, startTestIssuer, type TestIssuer } from './test-issuer';

export const testConfig = loadConfig({
  ...withoutRequestLimits,
  PUBLIC_URL: 'https://recording.test',
  ADMIN_ISSUER: issuerOptions.issuerTemplate,
  ADMIN_AUDIENCE: issuerOptions.audiences.join(','),
  ADMIN_JWKS_URL: issuerOptions.jwksUrl,
  ADMIN_TENANTS: issuerOptions.tenants.join(','),
  COSMOS_ENDPOINT: 'https://cosmos.test',
  STORAGE_BLOB_ENDPOINT: 'https://blob.test',
  STORAGE_QUEUE_ENDPOINT: 'https://queue.test',
  KEY_VAULT_URL: 'https://vault.test',
  EVENT_GRID_TOPIC_ENDPOINT: 'https://topic.test/api/events',
  CLOUD_CLIENT_PACKAGE_URL: 'https://downloads.recording.test/SRCloudClientService.msi',
});

/** The services of control-plane operations. Blobs, queues and events throw when they are used. */
export interface TestServices {
  services: Services;
  clock: TestClock;
  vault: MemoryVault;
  issuer: TestIssuer;
  /** A fault in the database from now on; undefined ends it. */
  injectFault(fault: Middleware | undefined): void;
  /** The services as another process has them, which knows nothing yet. */
  otherProcess(): Services;
  /** Every document of a container as JSON text. */
  stored(container: string): Promise<string[]>;
  close(): Promise<void>;
}

interface TestServicesOptions {
  clock?: TestClock;
  /** Fills the account before the service gets its containers. */
  prepare?: (client: CosmosClient) => Promise<void>;
}

export async function startTestServices({
  clock = new TestClock(),
  prepare,
}: TestServicesOptions = {}): Promise<TestServices> {
  let fault: Middleware | undefined;
  const cosmos = await startTestCosmos({
    now: () => clock.now(),
    middleware: (request, next) => (fault ? fault(request, next) : next(request)),
  });
  await prepare?.(cosmos.client);
  await provisionDatabase(cosmos.client, 'test', containers);
  const database = new Database(cosmos.client, 'test');
  const issuer = await startTestIssuer(clock);
  const vault = new MemoryVault();
  const secrets = vault.store();
  const services: Services = {
    config: testConfig,
    clock,
    database,
    secrets,
    blobs: untouchable('blobs'),
    archives: new ArchiveLocations([]),
    packages: new PackageCatalogue(() => untouchable('packages'), clock),
    queues: untouchable('queues'),
    events: untouchable('events'),
    rateLimits: new RateLimits(testConfig.requests),
    workLimits: new WorkLimits(testConfig.requests, clock),
    cursors: new Cursors(secrets),
    tokens: new TokenVerifier(testConfig.administrators, clock, createLocalJWKSet(issuer.jwks)),
    clientTokens: new ClientTokens(`${testConfig.publicUrl}/api/cloud-client/v1`, secrets, clock),
    activeClients: new ActiveClients(database, clock),
    groupRoles: new GroupRoles(database, clock),
    seenAdministrators: new SeenAdministrators(database, clock),
    retailPrices: new RetailPricesClient(undefined, clock),
  };
  return {
    services,
    clock,
    vault,
    issuer,
    injectFault: (injected) => {
      fault = injected;
    },
    otherProcess: () => {
      const other = new Database(cosmos.client, 'test');
      return { ...services, database: other, activeClients: new ActiveClients(other, clock) };
    },
    stored: async (container) => {
      const { resources } = await cosmos.client
        .database('test')
        .container(container)
        .items.readAll<Record<string, unknown>>()
        .fetchAll();
      return resources.map((document) => JSON.stringify(document));
    },
    close: () => cosmos.close(),
  };
}

/** Placeholder for a service that the tested operations must not use. */
function untouchable<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get: (_target, property) => {
      throw new Error(`the test used ${name}.${String(property)}`);
    },
  });
}
