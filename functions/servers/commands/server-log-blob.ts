/** The blob of an uploaded log: its name, its limits, and the URL with which the server creates it (TRB-3). */
import type { Services } from '../../../shared/services';

/** Of one zip file; a server leaves out the oldest entries. */
export const MAX_LOG_BYTES = 100 * 1024 * 1024;
/** Enough for the largest file at 1 Mbit/s, and some time to collect it. */
const UPLOAD_SECONDS = 1_800;

/** The name of the blob in the container `server-logs`. */
export function serverLogBlob(customerId: string, serverId: string, uploadId: string): string {
  return `${customerId}/${serverId}/${uploadId}.zip`;
}

/** What the parameters of `uploadLog` get at delivery: a URL for creating this one blob. */
export async function uploadParameters(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  serverId: string,
  uploadId: string,
) {
  const name = serverLogBlob(customerId, serverId, uploadId);
  const { url, expiresAt } = await blobs.creationUrl('server-logs', name, UPLOAD_SECONDS);
  return { url, urlExpiresAt: expiresAt.toISOString(), maxBytes: MAX_LOG_BYTES };
}
