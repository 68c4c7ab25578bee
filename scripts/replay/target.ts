/** Where dead letters are stored and where they are published again: on this machine, or in Azure. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { EventGridPublisherClient } from '@azure/eventgrid';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';
import { appEnvironment } from '../../infra/local/stack/environment';
import { portsFrom } from '../../infra/local/stack/ports';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { ensureServicePrincipal } from '../../infra/local/stack/service-principal';
import { trustAuthority } from '../../infra/local/stack/trust';
import { DEAD_LETTERS } from '../../shared/blobs/blob-store';
import { loadConfig } from '../../shared/config';
import { appCredential } from '../../shared/credential';
import { EventPublisher } from '../../shared/events/event-publisher';
import type { ReplayTarget } from './replay-dead-letters';

/** The service that `npm start` runs, with its own identity. @throws Error when it does not run */
export async function localTarget(
  basePort: number,
  dataDir = path.join(repositoryRoot(), '.local'),
): Promise<ReplayTarget> {
  const caFile = path.join(dataDir, 'certificates/ca.pem');
  const health = `http://127.0.0.1:${basePort}/local/health`;
  const answers = await fetch(health).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!answers || !existsSync(caFile))
    throw new Error(`No local service answers at ${health}: start it with npm start, or set PORT.`);
  trustAuthority(caFile);
  const principal = ensureServicePrincipal(path.join(dataDir, 'service-principal.json'));
  const config = loadConfig(appEnvironment(portsFrom(basePort), principal, caFile));
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
