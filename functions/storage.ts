/** What a deployment makes to keep the app's data in, here and in Azure; nothing of it is made by the app. */
import { BLOB_CONTAINERS } from '../shared/blobs/blob-containers';
import { DEPLOYED_QUEUES } from '../shared/queues/queue-names';
import { containers } from './containers';

export const storage = {
  cosmosContainers: containers,
  blobContainers: BLOB_CONTAINERS,
  queueNames: DEPLOYED_QUEUES,
};
