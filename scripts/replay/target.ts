/** Where dead letters are stored and where they are published again: on this machine, or in Azure. */
import { EventGridPublisherClient } from '@azure/eventgrid';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';
import { DEAD_LETTERS } from '../../shared/blobs/blob-containers';
import { appCredential } from '../../shared/credential';
import { EventPublisher } from '../../shared/events/event-publisher';
import { localConfig } from '../cli/local-config';
import type { ReplayTarget } from './replay-dead-letters';

/** The service that `npm start` runs, with its own identity. @throws Error when it does not run */
export async function localTarget(basePort: number, dataDir?: string): Promise<ReplayTarget> {
  const config = await localConfig(basePort, dataDir);
  return target(config.storage.blobEndpoint, config.eventGrid.topicEndpoint, appCredential(config));
}

/** A service in Azure, with the identity of the caller: Storage Blob Data Contributor and EventGrid Data Sender. */
export function azureTarget(blobEndpoint: string, topicEndpoint: string): ReplayTarget {
  return target(blobEndpoint.replace(/\/$/, ''), topicEndpoint, new DefaultAzureCredential());
}

function target(blobEndpoint: string, topicEndpoint: string, credential: TokenCredential): ReplayTarget {
  return {
    deadLetters: new ContainerClient(`${blobEndpoint}/${DEAD_LETTERS}`, credential),
    publisher: new EventPublisher(new EventGridPublisherClient(topicEndpoint, 'CloudEvent', credential)),
  };
}
