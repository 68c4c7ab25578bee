/** Completes an upload: the announced blocks become the recording, and a queued job verifies what they hold. */
import { z } from 'zod';
import type { Stored } from '../../shared/cosmos/document-type';
import { retryConflicts } from '../../shared/cosmos/retry';
import { Problem } from '../../shared/problem';
import type { QueueDefinition } from '../../shared/queues/queue';
import type { Services } from '../../shared/services';
import { sessionPartition } from '../sessions';
import { compareManifest, type Manifest, manifestHash } from './manifest';
import { manifestBlobName, storeManifest } from './manifest-store';
import { blobNameOf, CONTENT_TYPES, type Recording, recordingType } from './recording';
import { findRecording } from './store';

const verification = z.object({ customerId: z.string(), recordingId: z.string() });

/** Recordings whose blocks are to be hashed and compared. */
export const verifyRecordingsQueue: QueueDefinition<z.output<typeof verification>> = {
  name: 'verify-recordings',
  message: verification,
};

interface Completion {
  customerId: string;
  recording: Stored<Recording>;
  blocks: Manifest;
  /** RFC 3339 UTC, corrected. */
  endedAt: string;
}

/**
 * Every step can be repeated: after a crash in between, the same request again brings the upload to its end.
 * @throws Problem `upload-incomplete` naming blocks that are missing, `conflict` for another manifest than the first
 */
export async function completeRecording(
  services: Pick<Services, 'database' | 'blobs' | 'queues'>,
  { customerId, recording, blocks, endedAt }: Completion,
): Promise<Recording> {
  const hash = manifestHash(blocks);
  const completed =
    recording.state === 'uploading'
      ? await commitUpload(services, { customerId, recording, blocks, endedAt }, hash)
      : recording;
  if (completed.manifestHash !== hash)
    throw new Problem('conflict', 'The recording was completed with another manifest.');
  if (completed.state === 'verifying')
    await services.queues.send(verifyRecordingsQueue, { customerId, recordingId: completed.id });
  return completed;
}

async function commitUpload(
  services: Pick<Services, 'database' | 'blobs'>,
  { customerId, recording, blocks, endedAt }: Completion,
  hash: string,
): Promise<Recording> {
  const name = blobNameOf(customerId, recording.id);
  const differences = compareManifest(blocks, await services.blobs.presentBlocks('recordings', name));
  if (differences.length > 0) {
    throw new Problem('upload-incomplete', 'Upload the blocks that are named, then complete again.', {
      errors: differences.map(({ index, detail }) => ({ pointer: `/blocks/${index}`, detail })),
    });
  }
  await storeManifest(services, manifestBlobName(name, hash), blocks);
  const blockIds = blocks.map(({ blockId }) => blockId);
  await services.blobs.commitBlocks('recordings', name, blockIds, CONTENT_TYPES[recording.container]);

  const partition = await sessionPartition(services, customerId, recording.sessionId);
  return retryConflicts(async () => {
    const current = await findRecording(services, customerId, recording.id);
    if (!current || current.state !== 'uploading') return current ?? recording;
    const sizeBytes = blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
    return partition.replace(recordingType, {
      ...current,
      state: 'verifying',
      manifestHash: hash,
      sizeBytes,
      endedAt: endedAt > current.startedAt ? endedAt : current.startedAt,
    });
  });
}
