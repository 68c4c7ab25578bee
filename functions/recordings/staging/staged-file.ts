/** Copies of files that stay on their server, made for playback and removed later (RCD-9). */
import { documentType } from '../../../shared/cosmos/document-type';
import type { Services } from '../../../shared/services';
import { endOfServerTask, STAGING_URL_SECONDS, stagedPrefix } from '../../servers';

export interface StagedFile {
  /** Of the recording: it has one copy at a time. */
  id: string;
  sessionId: string;
  /** Of the task that makes the copy, and of its command; the name of the copy ends with it. */
  taskId: string;
  /** RFC 3339 UTC. */
  requestedAt: string;
  /** Since when the copy is there and verified; absent while the server is asked for it, or when that has failed. */
  readyAt?: string | undefined;
  /** When the sweep removes it. */
  dueAt: string;
}

export const stagedFileType = documentType<StagedFile>('staged-file', { ttlSeconds: 'never' });

const KEPT_SECONDS = 86_400;

/** When a copy that was made, or is played, at this instant is removed: when no URL to create it is valid any more. */
export function removalOfCopy(at: Date): string {
  return later(at, KEPT_SECONDS);
}

/** When what came of a request of this instant is removed, should no copy be made: after the last URL to create one. */
export function removalOfRequest(at: Date): string {
  return later(endOfServerTask('uploadFile', at), STAGING_URL_SECONDS);
}

/** Removes all copies of the recording, those of interrupted attempts too. Idempotent. */
export async function discardStaged(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  recordingId: string,
): Promise<void> {
  const names = await blobs.namesOf('recordings', stagedPrefix(customerId, recordingId));
  for (const name of names) await blobs.discard('recordings', name);
}

function later(at: Date, seconds: number): string {
  return new Date(at.getTime() + seconds * 1000).toISOString();
}
