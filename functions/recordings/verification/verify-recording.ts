/** Verifies an uploaded recording: it becomes complete, or damaged with a reason. */
import type { z } from 'zod';
import type { Activity } from '../../../shared/activity/activity-event';
import { reportActivity } from '../../../shared/activity/report-activity';
import { ChecksumMeter } from '../../../shared/blobs/checksums';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { sessionPartition } from '../../sessions';
import { storeChecksums } from '../moves/checksum-store';
import type { verifyRecordingsQueue } from '../upload/complete-recording';
import { keptBlobName, manifestBlobName } from '../upload/blob-names';
import { readManifest } from '../upload/manifest-store';
import { onceVerified } from '../upload/upload-life';
import { type Recording, recordingType } from '../recording';
import { readEventFields } from '../search/read-event-fields';
import { followGates } from '../hold/copy-gates';
import { findRecording } from '../store';
import { keepUpload } from './keep-upload';
import { rateSoon } from '../rate-soon';
import { verifyContent } from './verify-content';

type Verifying = Pick<Services, 'database' | 'blobs' | 'clock' | 'queues'>;

/**
 * Copies the upload to where it is kept, and checks there every block's hash and the structure of the container. An
 * already verified recording stays unchanged. After a crash it starts over with what is not done yet.
 */
export async function verifyRecording(services: Verifying, message: Message): Promise<void> {
  await recordVerification(services, message, async (recording, manifestHash) => {
    const { customerId } = message;
    const manifest = await readManifest(services, manifestBlobName(customerId, recording, manifestHash));
    const lost = await keepUpload(services, customerId, recording, manifest);
    if (lost !== undefined) return { state: 'damaged', stateReason: lost };
    const blobName = keptBlobName(customerId, recording);
    const content = await services.blobs.read('recordings', blobName);
    const meter = new ChecksumMeter();
    const verdict = await verifyContent(meter.measure(content), manifest, recording.container);
    const checksums = meter.result();
    // Of a damaged file, the rest may not have been read.
    if (checksums.sizeBytes === recording.sizeBytes)
      await storeChecksums(services, customerId, recording, checksums);
    return 'damage' in verdict
      ? { state: 'damaged', stateReason: verdict.damage, blobName }
      : { state: 'complete', sha256: verdict.sha256, blobName };
  });
}

/** Gives up on a recording that could not be verified after several attempts. */
export async function giveUpVerification(services: Verifying, message: Message): Promise<void> {
  await recordVerification(services, message, async () => ({
    state: 'verificationFailed',
    stateReason: 'Its content could not be read to the end in several attempts.',
  }));
}

type Message = z.output<typeof verifyRecordingsQueue.message>;

type VerificationResult = Pick<Recording, 'state' | 'stateReason' | 'sha256' | 'blobName'>;

/** Records the result of a verification; a repeat after a crash only reports it. */
async function recordVerification(
  services: Verifying,
  { customerId, recordingId }: Message,
  verify: (recording: Recording, manifestHash: string) => Promise<VerificationResult>,
): Promise<void> {
  let recording = await findRecording(services, customerId, recordingId);
  if (recording?.state === 'verifying' && recording.manifestHash !== undefined) {
    const result = await verify(recording, recording.manifestHash);
    const now = services.clock.now();
    const events = await readEventFields(services, customerId, recording);
    const verified = { ...result, ...events, verifiedAt: now.toISOString(), ...onceVerified(now) };
    const partition = await sessionPartition(services, customerId, recording.sessionId);
    recording = await retryConflicts(async () => {
      const current = await findRecording(services, customerId, recordingId);
      if (current?.state !== 'verifying') return current;
      return partition.replace(recordingType, { ...current, ...verified });
    });
  }
  if (!recording) return;
  // It may have begun while its session was live, and the session may have been restricted since.
  await followGates(services, customerId, recording);
  await rateSoon(services, customerId, recordingId);
  if (recording.stateReason === undefined || recording.verifiedAt === undefined) return;
  await reportActivity(services, customerId, damageActivity(recording, recording.verifiedAt));
}

function damageActivity(
  { id, state, stateReason, userName, siteId, serverId, sessionId }: Recording,
  verifiedAt: string,
): Activity {
  const isDamaged = state === 'damaged';
  const what = isDamaged ? 'is damaged' : 'could not be verified';
  return {
    at: new Date(verifiedAt),
    key: id,
    kind: isDamaged ? 'recording.damaged' : 'recording.verificationFailed',
    severity: 'warning',
    message: `A recording of ${userName} ${what}. ${stateReason}`,
    siteId,
    serverId,
    sessionId,
    details: { recordingId: id },
  };
}
