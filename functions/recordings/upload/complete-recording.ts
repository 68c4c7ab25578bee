/** Completes an upload: its manifest is fixed, and a queued job makes the recording of it and verifies it. */
import { z } from 'zod';
import type { Stored } from '../../../shared/cosmos/document-type';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { Problem } from '../../../shared/problem';
import type { QueueDefinition } from '../../../shared/queues/queue';
import type { Services } from '../../../shared/services';
import { sessionPartition } from '../../sessions';
import { compareManifest, type Manifest, manifestHash, sizeOf } from './manifest';
import { storeManifest } from './manifest-store';
import { followGates } from '../hold/copy-gates';
import { type Recording, recordingType } from '../recording';
import { rateSoon } from '../rate-soon';
import { durationFields } from '../search/search-fields';
import { findRecording } from '../store';
import { incomingBlobName, liveBlobName, manifestBlobName } from './blob-names';
import { isOpen, whileVerifying } from './upload-life';

const verification = z.object({ customerId: z.string(), recordingId: z.string() });

/** Recordings whose upload is complete, to be copied and verified. */
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

type Completing = Pick<Services, 'database' | 'blobs' | 'queues' | 'clock'>;

/**
 * Every step is idempotent: after a crash in between, repeating the request completes the upload. Of concurrent requests
 * with different manifests one is accepted.
 * @throws Problem `upload-incomplete` naming blocks that are missing, `conflict` for a different manifest or a leased blob
 */
export async function completeRecording(services: Completing, completion: Completion): Promise<Recording> {
  const { customerId, recording, blocks } = completion;
  const hash = manifestHash(blocks);
  const completed = isOpen(recording) ? await fixManifest(services, completion, hash) : recording;
  if (completed.manifestHash !== hash)
    throw new Problem('conflict', 'The recording was completed with another manifest.');
  if (completed.state === 'verifying')
    await services.queues.send(verifyRecordingsQueue, { customerId, recordingId: completed.id });
  if (completed.storage === 'server') await followVerification(services, customerId, completed);
  return completed;
}

/** For a file that is not verified: its session may have been restricted since it was begun, and its events are to be counted. */
async function followVerification(services: Completing, customerId: string, recording: Recording) {
  await followGates(services, customerId, recording);
  if (recording.eventsReadAt === undefined) await rateSoon(services, customerId, recording.id);
}

/** From then on the manifest decides what the recording is, whatever is written to the upload. The first one is kept. */
async function fixManifest(
  services: Completing,
  { customerId, recording, blocks, endedAt }: Completion,
  hash: string,
): Promise<Recording> {
  await checkUpload(services, customerId, recording, blocks);
  await storeManifest(services, manifestBlobName(customerId, recording, hash), blocks);
  const partition = await sessionPartition(services, customerId, recording.sessionId);
  return retryConflicts(async (attempt) => {
    const current = attempt === 1 ? recording : await findRecording(services, customerId, recording.id);
    if (!current || !isOpen(current)) return current ?? recording;
    const end = endedAt > current.startedAt ? endedAt : current.startedAt;
    return partition.replace(recordingType, {
      ...current,
      ...durationFields(current.startedAt, end),
      stateReason: undefined,
      manifestHash: hash,
      sizeBytes: sizeOf(blocks),
      endedAt: end,
      // A file that stays on its server is not there to be verified.
      ...(current.storage === 'server'
        ? { state: 'complete', dueAt: undefined }
        : { state: 'verifying', ...whileVerifying(services.clock.now()) }),
    });
  });
}

/** What was announced must have arrived; blocks staged, or bytes appended. @throws Problem `upload-incomplete` */
async function checkUpload(
  services: Pick<Services, 'blobs'>,
  customerId: string,
  recording: Recording,
  blocks: Manifest,
): Promise<void> {
  if (recording.storage === 'server') return;
  if (recording.live === true) await checkAppended(services, customerId, recording, sizeOf(blocks));
  else await checkStaged(services, customerId, recording, blocks);
}

async function checkAppended(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  recording: Recording,
  announcedBytes: number,
): Promise<void> {
  const blob = await blobs.properties('recordings', liveBlobName(customerId, recording));
  const appendedBytes = blob?.sizeBytes ?? 0;
  if (appendedBytes === announcedBytes) return;
  const detail =
    appendedBytes < announcedBytes
      ? `${appendedBytes} of ${announcedBytes} bytes are appended: append the rest, then complete again.`
      : `${appendedBytes} bytes are appended, but the blocks have ${announcedBytes}: begin the recording again without \`live\`, and upload it in blocks.`;
  throw new Problem('upload-incomplete', detail, { extensions: { appendedBytes } });
}

async function checkStaged(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  recording: Recording,
  blocks: Manifest,
): Promise<void> {
  const name = incomingBlobName(customerId, recording);
  const [present, blob] = await Promise.all([
    blobs.presentBlocks('recordings', name),
    blobs.properties('recordings', name),
  ]);
  if (blob?.isLeased)
    throw new Problem(
      'conflict',
      'The upload is leased, so that it may still change: release the lease first.',
    );
  const differences = compareManifest(blocks, present);
  if (differences.length === 0) return;
  throw new Problem('upload-incomplete', 'Upload the listed blocks, then complete again.', {
    errors: differences.map(({ index, detail }) => ({ pointer: `/blocks/${index}`, detail })),
  });
}
