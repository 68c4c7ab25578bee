/** Copies what was uploaded to where it is kept: out of the reach of every URL that was handed out. */
import type { CopySource } from '../../../shared/blobs/blob-store';
import type { Services } from '../../../shared/services';
import { CONTENT_TYPES, type Recording } from '../recording';
import { incomingBlobName, keptBlobName, liveBlobName } from '../upload/blob-names';
import { type Manifest, sizeOf } from '../upload/manifest';

/** The upload may change while it is copied, though only whoever has its URL would do that. */
const ATTEMPTS = 3;
const CHANGED = 'Its upload was changed after it had been completed.';

/**
 * Makes the announced blocks the content of the upload, and copies it within the storage. Idempotent; a blob that is
 * kept already is not copied again.
 * @returns why there is nothing to keep, or undefined when it is kept
 */
export async function keepUpload(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  recording: Recording,
  manifest: Manifest,
): Promise<string | undefined> {
  const kept = keptBlobName(customerId, recording);
  const contentType = CONTENT_TYPES[recording.container];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await blobs.properties('recordings', kept)) return undefined;
    const source =
      recording.live === true
        ? await appended(blobs, liveBlobName(customerId, recording), sizeOf(manifest))
        : await committed(blobs, incomingBlobName(customerId, recording), manifest, contentType);
    if (!source) return CHANGED;
    if (await blobs.copyOnce('recordings', source, kept, contentType)) return undefined;
  }
  return CHANGED;
}

/** The announced bytes of a live upload; what was appended later does not count. */
async function appended(
  blobs: Services['blobs'],
  name: string,
  announcedBytes: number,
): Promise<CopySource | undefined> {
  const found = await blobs.properties('recordings', name);
  if (!found || found.sizeBytes < announcedBytes) return undefined;
  return { name, etag: found.etag, sizeBytes: announcedBytes };
}

/** The upload, with the announced blocks as its content; undefined when one of them is not there. */
async function committed(
  blobs: Services['blobs'],
  name: string,
  manifest: Manifest,
  contentType: string,
): Promise<CopySource | undefined> {
  const ids = manifest.map(({ blockId }) => blockId);
  const isReady =
    (await consistsOf(blobs, name, ids)) || (await blobs.commitBlocks('recordings', name, ids, contentType));
  const found = isReady && (await blobs.properties('recordings', name));
  return found ? { name, etag: found.etag, sizeBytes: found.sizeBytes } : undefined;
}

/** Whether these blocks are its content already: committing them again would change its ETag under a concurrent copy. */
async function consistsOf(blobs: Services['blobs'], name: string, ids: string[]): Promise<boolean> {
  const [content, staged] = await Promise.all([
    blobs.committedBlocks('recordings', name),
    blobs.stagedBlocks('recordings', name),
  ]);
  const newer = new Set(staged.map(({ blockId }) => blockId));
  return (
    content.length === ids.length &&
    content.every(({ blockId }, index) => blockId === ids[index] && !newer.has(blockId))
  );
}
