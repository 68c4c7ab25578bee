/** Removes what servers have uploaded of a recording, in blocks or live, from where their URLs lead. */
import type { Services } from '../../../shared/services';
import type { Recording } from '../recording';
import { incomingBlobName, liveBlobName } from './blob-names';

/** Removes it; idempotent. */
export async function discardUploads(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  recording: Recording,
): Promise<void> {
  await blobs.discard('recordings', incomingBlobName(customerId, recording));
  if (recording.live !== undefined) await blobs.discard('recordings', liveBlobName(customerId, recording));
}
