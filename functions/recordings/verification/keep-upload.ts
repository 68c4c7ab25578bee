/** Copies what was uploaded to where it is kept: out of the reach of every URL that was handed out. */
import type { Services } from '../../../shared/services';
import { CONTENT_TYPES, type Recording } from '../recording';
import { incomingBlobName, keptBlobName } from '../upload/blob-names';
import type { Manifest } from '../upload/manifest';

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
  const incoming = incomingBlobName(customerId, recording);
  const contentType = CONTENT_TYPES[recording.container];
  const ids = manifest.map(({ blockId }) => blockId);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await blobs.properties('recordings', kept)) return undefined;
    const isReady =
      (await consistsOf(blobs, incoming, ids)) ||
      (await blobs.commitBlocks('recordings', incoming, ids, contentType));
    const source = isReady && (await blobs.properties('recordings', incoming));
    if (!source) return CHANGED;
    if (await blobs.copyOnce('recordings', { ...source, name: incoming }, kept, contentType))
      return undefined;
  }
  return CHANGED;
}

/** Whether these blocks are its content already: committing them again would change its ETag under a concurrent copy. */
async function consistsOf(blobs: Services['blobs'], name: string, ids: string[]): Promise<boolean> {
  const [committed, staged] = await Promise.all([
    blobs.committedBlocks('recordings', name),
    blobs.stagedBlocks('recordings', name),
  ]);
  const newer = new Set(staged.map(({ blockId }) => blockId));
  return (
    committed.length === ids.length &&
    committed.every(({ blockId }, index) => blockId === ids[index] && !newer.has(blockId))
  );
}
