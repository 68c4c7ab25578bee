/** The blob to which a server uploads a recording file for playback: its name, its limit, its URL (RCD-9). */
import type { Services } from '../../../shared/services';

/** The largest block blob that one PUT creates: a URL for creation alone permits no upload in blocks. */
export const MAX_STAGED_BYTES = 5_000 * 1024 * 1024;
/** The PUT must begin by then; it may last longer. */
export const STAGING_URL_SECONDS = 3_600;

/** What the names of all staged copies of a recording begin with, in the container `recordings`. */
export function stagedPrefix(customerId: string, recordingId: string): string {
  return `staged/${customerId}/${recordingId}/`;
}

/** The name of one staged copy: each attempt has its own, for which no other URL was made. */
export function stagedBlobName(customerId: string, recordingId: string, taskId: string): string {
  return `${stagedPrefix(customerId, recordingId)}${taskId}`;
}

/** What the parameters of `uploadFile` get at delivery: a URL for creating this one blob. */
export async function stagingParameters(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  recordingId: string,
  taskId: string,
) {
  const name = stagedBlobName(customerId, recordingId, taskId);
  const { url, expiresAt } = await blobs.creationUrl('recordings', name, STAGING_URL_SECONDS);
  return { url, urlExpiresAt: expiresAt.toISOString() };
}
