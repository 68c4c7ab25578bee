/** Creates what a deployment creates in Azure: the database, its containers, the blob containers. Existing ones are kept. */
import { type ContainerDefinition, CosmosClient } from '@azure/cosmos';
import { BlobServiceClient } from '@azure/storage-blob';
import { BLOB_CONTAINERS } from '../../../shared/blobs/blob-store';
import { loadConfig } from '../../../shared/config';
import { provisionDatabase } from '../../../shared/cosmos/database';
import { appCredential } from '../../../shared/credential';

/**
 * Makes everything for the app with these Cosmos containers. `env` is the app's environment; the local certificate
 * authority must be trusted by this process already.
 */
export function provisioner(containers: readonly ContainerDefinition[]) {
  return async (env: Record<string, string>): Promise<void> => {
    const config = loadConfig(env);
    const credential = appCredential(config);
    const cosmos = new CosmosClient({ endpoint: config.cosmos.endpoint, aadCredentials: credential });
    const blobs = new BlobServiceClient(config.storage.blobEndpoint, credential);
    await Promise.all([
      provisionDatabase(cosmos, config.cosmos.database, containers),
      ...BLOB_CONTAINERS.map((name) => blobs.getContainerClient(name).createIfNotExists()),
    ]);
    cosmos.dispose();
  };
}
