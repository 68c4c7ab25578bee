/** Resumes archives and deletions that were interrupted: by a crash, by storage that was away, by a server without an answer. */
import type { Stored } from '../../../shared/cosmos/document-type';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { Problem } from '../../../shared/problem';
import { sessionPartition } from '../../sessions';
import { type Recording, recordingType } from '../recording';
import { findRecording } from '../store';
import { continueArchive, deleteSource } from './archive-recording';
import { continueDeletion } from './delete-recording';
import { nextAttempt } from './move';
import type { Moving } from './move-order';
import { endAnsweredMove } from './server-file-commands';

/** Whether something is left to be done: a move, or the deletion of the file that was archived. */
export function isMoving({ move, leftSource }: Pick<Recording, 'move' | 'leftSource'>): boolean {
  return move !== undefined || leftSource !== undefined;
}

/** Takes the next step; should it fail, the one after it is taken a while later. */
export async function resumeMove(
  services: Moving,
  customerId: string,
  recording: Stored<Recording>,
): Promise<void> {
  const delayed = await retryConflicts(async () => {
    const current = await findRecording(services, customerId, recording.id);
    if (!current || !isMoving(current)) return undefined;
    const partition = await sessionPartition(services, customerId, recording.sessionId);
    return partition.replace(recordingType, { ...current, ...nextAttempt(services.clock.now()) });
  });
  if (!delayed) return;
  if (delayed.move === undefined) return deleteSource(services, customerId, delayed);
  if (delayed.storage === 'server' && (await endAnsweredMove(services, customerId, delayed))) return;
  const goOn = delayed.move.kind === 'archive' ? continueArchive : continueDeletion;
  await goOn(services, customerId, delayed).catch((error: unknown) => {
    // It has failed for good: the recording and the feed say so.
    if (!(error instanceof Problem) || error.status >= 500) throw error;
  });
}
