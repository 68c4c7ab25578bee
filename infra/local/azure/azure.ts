/** All stand-ins of this process, put together on one set of ports and one data folder. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type TokenCredential } from '@azure/identity';
import { AccessControl } from '../access/access-control';
import { identitiesOf } from '../access/identities';
import { openDatabase, type Database } from '../stand-in-support/database';
import { FaultRegistry } from '../faults/fault-registry';
import { refuseAsDataPlane, faultMiddleware } from '../faults/http-faults';
import { FaultInjector } from '../faults/fault-injector';
import { azureErrorBody, problemBody } from '../stand-in-support/errors';
import { serve, type LocalServer, type Tls } from '../stand-in-support/server';
import { startResourceManager } from '../resource-manager/resource-manager';
import { resourceManagerSchema } from '../resource-manager/store';
import { emailAuthentication, emailRoutes, maxEmailRequestBytes } from './email/email';
import { createSendOperations, operationSchema, type SendOperations } from './email/operations';
import { blobDeadLetters, fileDeadLetters, type DeadLetterStore } from './event-grid/dead-letter';
import { Deliverer } from './event-grid/deliverer';
import { createDeliveryQueue, deliverySchema, type DeliveryQueue } from './event-grid/delivery-queue';
import { type RetryPolicy } from './event-grid/retry-policy';
import { maxRequestBytes, topicAuthentication, topicRoutes } from './event-grid/topic';
import { accessRoutes } from './access-routes';
import { faultRoutes } from './fault-routes';
import { encryptedFile } from './key-vault/encrypted-file';
import { keyVaultAuthentication, keyVaultRoutes } from './key-vault/key-vault';
import { keyVaultFaults } from './key-vault/key-vault-faults';
import { Vault } from './key-vault/vault';
import { localRoutes } from './local-routes';
import { localSubscriptionId } from './login/directory-ids';
import { loginRoutes } from './login/login';
import { loginFaults } from './login/login-faults';
import { loadSigningKey } from './login/signing-key';
import { createTokenIssuer, type ServicePrincipal, type TokenIssuer } from './login/token-issuer';
import { createOutbox, outboxSchema, type Outbox } from './outbox/outbox';
import { startSmtpServer } from './smtp/smtp';
import { SmtpFaults } from './smtp/smtp-faults';
import { storageAuthorization } from './storage/authorization';
import { startMemoryBlobs } from './storage/memory-blobs/memory-blobs';
import { startStorage, type Storage } from './storage/storage';

interface AzurePorts {
  blob: number;
  queue: number;
  /** Where Azurite has its blobs and queues. */
  azuriteBlob: number;
  azuriteQueue: number;
  login: number;
  keyVault: number;
  eventGrid: number;
  email: number;
  smtp: number;
  resourceManager: number;
}

export interface AzureOptions {
  /** Holds keys, secrets, queue and outbox; made when missing. */
  dataDir: string;
  ports: AzurePorts;
  tls: Tls;
  /** The app's; the other identities of the service follow from it. */
  principal: ServicePrincipal;
  /** The one subscription of the topic. */
  webhook: string;
  retryPolicy: RetryPolicy;
  /** Where dead letters go; absent: files in the data folder. */
  blobEndpoint?: string;
  /** The domain that mails of Communication Services may come from. */
  senderDomain: string;
  /** The Cosmos DB gateway, whose faults are injected through this process; absent: it has none. */
  cosmosUrl?: string;
  /** Keeps blobs in memory, at the port where Azurite's would be; default: false. */
  memoryBlobs?: boolean;
  /** How long each resource of a deployment takes; default: 100. */
  deploymentWorkMilliseconds?: number;
}

export interface Azure {
  loginUrl: string;
  close(): Promise<void>;
}

/** What the stand-ins share. */
interface Shared {
  options: AzureOptions;
  issuer: TokenIssuer;
  /** Of every stand-in in this process. */
  faults: FaultRegistry;
  outbox: Outbox;
  access: AccessControl;
}

const local = (port: number): string => `https://127.0.0.1:${port}`;

/** Starts every stand-in; rejects, with the port in the message, when one of the ports is taken. */
export async function startAzure(options: AzureOptions): Promise<Azure> {
  const { dataDir, ports, tls } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const database = openDatabase(
    path.join(dataDir, 'azure.sqlite'),
    outboxSchema + operationSchema + deliverySchema + resourceManagerSchema,
  );
  const outbox = createOutbox(database);
  const queue = createDeliveryQueue(database);
  const loginUrl = local(ports.login);
  const faults = new FaultRegistry();
  const issuer = createTokenIssuer(loginUrl, await loadSigningKey(path.join(dataDir, 'login-key.pem')));
  const access = new AccessControl(options.principal);
  const shared = { options, issuer, faults, outbox, access };
  const deliverer = new Deliverer({
    queue,
    webhook: options.webhook,
    policy: options.retryPolicy,
    deadLetters: deadLetterStore(options, issuer),
    faults: new FaultInjector(faults, 'eventGrid'),
  });
  const servers = await Promise.all([
    startLogin(shared, loginUrl),
    startKeyVault(shared, `${loginUrl}/${options.principal.tenantId}`),
    startTopic(shared, queue, deliverer),
    startEmail(shared, createSendOperations(database, outbox)),
    startArm(shared, database, loginUrl),
    startSmtpServer(ports.smtp, tls, outbox, new SmtpFaults(faults)),
    ...(options.memoryBlobs ? [startMemoryBlobs(ports.azuriteBlob, tls)] : []),
    startStorageProxy(shared, 'blob', ports.blob, ports.azuriteBlob),
    startStorageProxy(shared, 'queue', ports.queue, ports.azuriteQueue),
  ]);
  deliverer.wake();
  return {
    loginUrl,
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
      await deliverer.stop();
      database.close();
    },
  };
}

function startStorageProxy(
  { options, issuer, faults, access }: Shared,
  service: 'blob' | 'queue',
  port: number,
  azuritePort: number,
): Promise<Storage> {
  const authorize = storageAuthorization({ service, keys: issuer.keys, access });
  return startStorage({ standIn: service, port, azuritePort, tls: options.tls, faults, authorize });
}

function startLogin(
  { options, issuer, faults, outbox, access }: Shared,
  loginUrl: string,
): Promise<LocalServer> {
  return serve({
    name: 'login',
    port: options.ports.login,
    tls: options.tls,
    routes: {
      ...localRoutes(issuer, outbox),
      ...faultRoutes(faults, options.cosmosUrl),
      ...accessRoutes(access, options.cosmosUrl),
      ...loginRoutes(loginUrl, issuer, options.principal),
    },
    middleware: [loginFaults(new FaultInjector(faults, 'login'))],
    errorBody: problemBody,
  });
}

function startKeyVault({ options, issuer, faults, access }: Shared, authority: string): Promise<LocalServer> {
  const { dataDir, ports, tls } = options;
  const file = encryptedFile(path.join(dataDir, 'key-vault.bin'), path.join(dataDir, 'key-vault.key'));
  return serve({
    name: 'Key Vault',
    port: ports.keyVault,
    tls,
    routes: keyVaultRoutes(new Vault(file), local(ports.keyVault)),
    middleware: [
      keyVaultAuthentication(issuer.keys, authority, access),
      keyVaultFaults(new FaultInjector(faults, 'keyVault')),
    ],
    errorBody: azureErrorBody,
  });
}

function startTopic(
  { options, issuer, faults, access }: Shared,
  queue: DeliveryQueue,
  deliverer: Deliverer,
): Promise<LocalServer> {
  return serve({
    name: 'Event Grid topic',
    port: options.ports.eventGrid,
    tls: options.tls,
    routes: topicRoutes(queue, deliverer),
    middleware: [
      topicAuthentication(issuer.keys, access),
      faultMiddleware(new FaultInjector(faults, 'eventGrid'), refuseAsDataPlane),
    ],
    maxBodyBytes: maxRequestBytes,
    errorBody: azureErrorBody,
  });
}

function startEmail({ options, issuer, faults }: Shared, operations: SendOperations): Promise<LocalServer> {
  const { ports, tls, senderDomain } = options;
  return serve({
    name: 'Communication Services Email',
    port: ports.email,
    tls,
    routes: emailRoutes(operations, local(ports.email), senderDomain),
    middleware: [
      emailAuthentication(issuer.keys),
      faultMiddleware(new FaultInjector(faults, 'email'), refuseAsDataPlane),
    ],
    maxBodyBytes: maxEmailRequestBytes,
    errorBody: azureErrorBody,
  });
}

function startArm(
  { options, issuer, faults }: Shared,
  database: Database,
  loginUrl: string,
): Promise<LocalServer> {
  const { ports, tls, principal, deploymentWorkMilliseconds = 100 } = options;
  return startResourceManager({
    port: ports.resourceManager,
    tls,
    database,
    faults: new FaultInjector(faults, 'resourceManager'),
    keys: issuer.keys,
    authority: `${loginUrl}/${principal.tenantId}`,
    tenantId: principal.tenantId,
    subscriptionId: localSubscriptionId,
    workMilliseconds: deploymentWorkMilliseconds,
  });
}

function deadLetterStore(options: AzureOptions, issuer: TokenIssuer): DeadLetterStore {
  if (options.blobEndpoint === undefined) {
    return fileDeadLetters(path.join(options.dataDir, 'dead-letters'));
  }
  const credential: TokenCredential = {
    getToken: async () => ({
      token: await issuer.forResource(
        identitiesOf(options.principal).eventGridTopic,
        'https://storage.azure.com',
      ),
      expiresOnTimestamp: Date.now() + 30 * 60_000,
    }),
  };
  return blobDeadLetters(options.blobEndpoint, credential);
}
