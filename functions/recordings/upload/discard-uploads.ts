/** Removes what was uploaded of a recording, in blocks and live: nothing relies on it. */
import type { Services } from '../../../shared/services';
import type { Recording } from '../recording';
import { incomingBlobName, liveBlobName } from './blob-names';

/** Idempotent; called again once no URL for writing is valid any more, where one could bring it back. */
export async function discardUploads(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  recording: Recording,
): Promise<void> {
  await blobs.discard('recordings', incomingBlobName(customerId, recording));
  if (recording.live !== undefined) await blobs.discard('recordings', liveBlobName(customerId, recording));
}
