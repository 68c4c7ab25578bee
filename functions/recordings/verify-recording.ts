/** Verifies an uploaded recording: from then on it is complete, or damaged with a reason. */
import type { z } from 'zod';
import type { Activity } from '../../shared/activity/activity-event';
import { reportActivity } from '../../shared/activity/report-activity';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import { sessionPartition } from '../sessions';
import type { verifyRecordingsQueue } from './complete-recording';
import { readManifest, manifestBlobName } from './manifest-store';
import { blobNameOf, type Recording, type RecordingState, recordingType } from './recording';
import { followRestriction } from './restrictions/copy-restriction';
import { findRecording } from './store';
import { findDamage } from './verify-content';

type Verifying = Pick<Services, 'database' | 'blobs' | 'clock'>;

/** Checks every block's hash and the container. A recording that is verified already is left alone. */
export async function verifyRecording(services: Verifying, message: Message): Promise<void> {
  await recordVerification(services, message, async (recording, manifestHash) => {
    const name = blobNameOf(message.customerId, recording.id);
    const manifest = await readManifest(services, manifestBlobName(name, manifestHash));
    const damage = await findDamage(
      await services.blobs.read('recordings', name),
      manifest,
      recording.container,
    );
    return { state: damage === undefined ? 'complete' : 'damaged', reason: damage };
  });
}

/** Gives up on a recording that could not be verified in several attempts. */
export async function giveUpVerification(services: Verifying, message: Message): Promise<void> {
  await recordVerification(services, message, async () => ({
    state: 'verificationFailed',
    reason: 'Its content could not be read to the end in several attempts.',
  }));
}

type Message = z.output<typeof verifyRecordingsQueue.message>;

interface VerificationResult {
  state: RecordingState;
  reason?: string | undefined;
}

/** Records the result of a verification; a repeat after a crash only reports it. */
async function recordVerification(
  services: Verifying,
  { customerId, recordingId }: Message,
  verify: (recording: Recording, manifestHash: string) => Promise<VerificationResult>,
): Promise<void> {
  let recording = await findRecording(services, customerId, recordingId);
  if (recording?.state === 'verifying' && recording.manifestHash !== undefined) {
    const { state, reason } = await verify(recording, recording.manifestHash);
    const verifiedAt = services.clock.now().toISOString();
    const partition = await sessionPartition(services, customerId, recording.sessionId);
    recording = await retryConflicts(async () => {
      const current = await findRecording(services, customerId, recordingId);
      if (current?.state !== 'verifying') return current;
      return partition.replace(recordingType, { ...current, state, stateReason: reason, verifiedAt });
    });
  }
  if (!recording) return;
  // It may have been begun when its session was live, and be seen when that was restricted already.
  await followRestriction(services, customerId, recording);
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
