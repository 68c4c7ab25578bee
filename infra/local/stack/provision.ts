/**
 * Creates what a deployment creates in Azure, with the deployment's identity: the database, its containers, the blob
 * containers, the queues. Existing ones are kept. Also what the operator of a service publishes: packages to install.
 */
import { type ContainerDefinition, CosmosClient } from '@azure/cosmos';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { PACKAGES } from '../../../shared/blobs/blob-containers';
import { openBlobStore } from '../../../shared/blobs/blob-store';
import { systemClock } from '../../../shared/clock';
import { type Config, loadConfig } from '../../../shared/config';
import { provisionDatabase } from '../../../shared/cosmos/database';
import { appCredential } from '../../../shared/credential';
import { identitiesOf } from '../access/identities';
import { publishStandInPackages } from './stand-in-packages';

/** Names, and for Cosmos DB the definitions, of what the app keeps its data in. */
interface AppStorage {
  readonly cosmosContainers: readonly ContainerDefinition[];
  readonly blobContainers: readonly string[];
  readonly queueNames: readonly string[];
}

/** Makes everything. `env` is the app's environment; this process must trust the local certificate authority already. */
export function provisioner({ cosmosContainers, blobContainers, queueNames }: AppStorage) {
  return async (env: Record<string, string>): Promise<void> => {
    const config = loadConfig(env);
    const credential = appCredential(asDeployment(config));
    const cosmos = new CosmosClient({ endpoint: config.cosmos.endpoint, aadCredentials: credential });
    const blobs = new BlobServiceClient(config.storage.blobEndpoint, credential);
    const queues = new QueueServiceClient(config.storage.queueEndpoint, credential);
    await Promise.all([
      provisionDatabase(cosmos, config.cosmos.database, cosmosContainers),
      ...blobContainers.map((name) => blobs.getContainerClient(name).createIfNotExists()),
      ...queueNames.map((name) => queues.getQueueClient(name).createIfNotExists()),
    ]);
    if (blobContainers.includes(PACKAGES))
      await publishStandInPackages(openBlobStore(config, credential, systemClock));
    cosmos.dispose();
  };
}

/** The same configuration with the identity of whoever deploys. */
function asDeployment(config: Config): Config {
  const { tenantId = '', clientId = '', clientSecret = '' } = config.identity;
  const { deployment } = identitiesOf({ tenantId, clientId, clientSecret });
  return { ...config, identity: { ...config.identity, ...deployment } };
}
