/** The archive of a session's events, or of its samples: few compressed blobs in place of many documents. */
import { documentType } from '../../../shared/cosmos/document-type';
import type { Services } from '../../../shared/services';

/** Items that are compressed together: a member of the gzip file, so that a part of the time can be read alone. */
export interface ArchivedChunk {
  /** Times of the first and the last item. */
  at: string;
  until: string;
  offset: number;
  length: number;
}

/** A blob: NDJSON as gzip with many members, which every tool reads as one file. */
export interface ArchivePart {
  blobName: string;
  chunks: ArchivedChunk[];
}

export interface SessionArchive {
  /** The type of the batches in it. */
  id: string;
  /** How often it was written: it contains the batches of this generation and of those before. 0: none. */
  generation: number;
  /** In order of time. */
  parts: ArchivePart[];
  /** Blobs of the generation before, which somebody may still be reading. */
  retired: string[];
  /** Who writes the next generation, and until when nobody else may (RFC 3339 UTC). */
  attempt?: { id: string; until: string } | undefined;
}

export const sessionArchiveType = documentType<SessionArchive>('session-archive', { ttlSeconds: 'never' });

/** The archive of the batches of a type; undefined when there is none yet. */
export async function findArchive(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  sessionId: string,
  batchType: string,
) {
  return database.sessionData(customerId, sessionId).read(sessionArchiveType, batchType);
}

/** The blobs of one attempt at a generation; no other attempt ever writes them. They go when the session is emptied. */
export function archiveBlobName(
  { customerId, sessionId, batchType }: { customerId: string; sessionId: string; batchType: string },
  attemptId: string,
  part: number,
): string {
  return `${customerId}/${sessionId}.${batchType}-${attemptId}-${part}.ndjson.gz`;
}
