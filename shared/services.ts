/** What use cases may need of the world, opened once per process from the configuration. */
import type { Clock } from './clock';
import { systemClock } from './clock';
import type { Config } from './config';
import { type BlobStore, openBlobStore } from './blobs/blob-store';
import { type Database, openDatabase } from './cosmos/database';
import { appCredential } from './credential';
import { type EventPublisher, openEventPublisher } from './events/event-publisher';
import { Cursors } from './http/cursor';
import { GroupRoles } from './identity/administrator-groups';
import { ClientTokens } from './identity/client-tokens';
import { TokenVerifier } from './identity/token-verifier';
import { openQueues, type Queues } from './queues/queue';
import { openSecretStore, type SecretStore } from './secrets/secret-store';

export interface Services {
  readonly config: Config;
  readonly clock: Clock;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly queues: Queues;
  readonly secrets: SecretStore;
  readonly events: EventPublisher;
  readonly cursors: Cursors;
  readonly tokens: TokenVerifier;
  readonly clientTokens: ClientTokens;
  readonly groupRoles: GroupRoles;
}

/** Opens everything that the configuration names; nothing is called yet. */
export function openServices(config: Config, clock: Clock = systemClock): Services {
  const credential = appCredential(config);
  const database = openDatabase(config, credential);
  const secrets = openSecretStore(config, credential);
  return {
    config,
    clock,
    database,
    secrets,
    blobs: openBlobStore(config, credential, clock),
    queues: openQueues(config, credential),
    events: openEventPublisher(config, credential),
    cursors: new Cursors(secrets),
    tokens: new TokenVerifier(config.administrators, clock),
    clientTokens: new ClientTokens(`${config.publicUrl}/api/cloud-client/v1`, secrets, clock),
    groupRoles: new GroupRoles(database, clock),
  };
}
