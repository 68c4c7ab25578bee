/**
 * Deletes one recording (MNG-1): its files where that was asked for, what was derived of it, its document, and with the last
 * recording of a session all that belonged to the session. A crash at any step is recovered by calling it again.
 */
import { ARCHIVE_CONTAINER } from '../../../shared/blobs/blob-containers';
import type { Stored } from '../../../shared/cosmos/document-type';
import { PredicateFailed } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { Problem } from '../../../shared/problem';
import { deletionEnd, deletionGate, findSession, sessionPartition } from '../../sessions';
import { type Recording, recordingType } from '../recording';
import { fileOf } from '../recording-file';
import { findRecording } from '../store';
import { blobPrefix, checksumsBlobName, manifestBlobName } from '../upload/blob-names';
import { discardStaged } from '../staging/staged-file';
import { discardUploads } from '../upload/discard-uploads';
import { onceVerified } from '../upload/upload-life';
import { beginDeletion, deletionFailed, whyNotDeletable } from './move';
import { changeMoving, type DeletionOrder, type Moving, reportFailure } from './move-order';
import { removeRestOfSession } from './rest-of-session';
import { askServerToDelete } from './server-files';
import { whyHeldBack } from './why-held-back';

/**
 * Deletes the recording; one that is not there any more is no error.
 * @returns what there is to say about it: the path of a file that was kept
 * @throws Problem `conflict` with the reason when it cannot be deleted now
 */
export async function deleteRecording(services: Moving, order: DeletionOrder): Promise<string | undefined> {
  const { customerId, recordingId } = order;
  const begun = await retryConflicts(async () => {
    const recording = await findRecording(services, customerId, recordingId);
    if (!recording || recording.state === 'deleting') return recording;
    return enterDeleting(services, order, recording);
  });
  return begun ? continueDeletion(services, customerId, begun) : 'It is not there any more.';
}

/** Goes on with a deletion that has begun, from wherever it was interrupted. */
export async function continueDeletion(
  services: Moving,
  customerId: string,
  recording: Stored<Recording>,
): Promise<string | undefined> {
  if (recording.storage === 'server' && recording.move?.deleteFiles)
    return askServerToDelete(services, customerId, recording);
  await removeBlobs(services, customerId, recording);
  // At once, since URLs for watching it live outlast its deletion; again at the end, should the recorder write to it until then.
  await discardUploads(services, customerId, recording);
  await endDeletion(services, customerId, recording);
  return keptFile(recording);
}

/** Removes the document, once no URL can write to its upload any more; the sweep does it then. */
export async function endDeletion(
  services: Moving,
  customerId: string,
  recording: Stored<Recording>,
): Promise<void> {
  const { id, sessionId, verifiedAt } = recording;
  const now = services.clock.now();
  const tidyAt = verifiedAt === undefined ? undefined : onceVerified(new Date(verifiedAt)).dueAt;
  if (tidyAt !== undefined && tidyAt > now.toISOString()) {
    await changeMoving(services, customerId, recording, (current) => ({ ...current, dueAt: tidyAt }));
    return;
  }
  await discardUploads(services, customerId, recording);
  if (recording.storage === 'server') await discardStaged(services, customerId, id);
  const partition = await sessionPartition(services, customerId, sessionId);
  await retryConflicts(async () => {
    const current = await partition.read(recordingType, id);
    if (current?.move?.startedAt !== recording.move?.startedAt || !current) return;
    await partition.commit([
      change.remove(recordingType, id, current.etag),
      deletionEnd(sessionId, now, 'deleted'),
    ]);
  });
  await removeRestOfSession(services, { customerId, sessionId });
}

/** Ends a deletion that its server could not do: the recording is as it was before. */
export async function failDeletion(
  services: Moving,
  customerId: string,
  recording: Stored<Recording>,
  reason: string,
): Promise<void> {
  const { id, sessionId } = recording;
  const partition = await sessionPartition(services, customerId, sessionId);
  await retryConflicts(async () => {
    const current = await partition.read(recordingType, id);
    if (!current?.move || current.move.startedAt !== recording.move?.startedAt) return;
    await partition.commit([
      change.replace(recordingType, { ...deletionFailed(current), stateReason: reason }, current.etag),
      deletionEnd(sessionId, services.clock.now(), 'failed'),
    ]);
  });
  await reportFailure(services, customerId, recording, reason);
}

/** Begins it, in one batch with the gates of its session. @throws Problem `conflict` when it cannot be deleted now */
async function enterDeleting(
  services: Moving,
  { customerId, operation, deleteFiles }: DeletionOrder,
  recording: Stored<Recording>,
): Promise<Stored<Recording>> {
  const now = services.clock.now();
  const why = whyNotDeletable(recording, now);
  if (why !== undefined) throw new Problem('conflict', why);
  const { sessionId, blobLocation } = recording;
  if (deleteFiles && blobLocation !== undefined && !services.archives.find(blobLocation))
    throw new Problem(
      'conflict',
      `There is no archive location “${blobLocation}” any more: its file is there.`,
    );
  const partition = await sessionPartition(services, customerId, sessionId);
  const deleting = beginDeletion(recording, { operation, deleteFiles }, now);
  try {
    await partition.commit([
      deletionGate(sessionId, now),
      change.replace(recordingType, deleting, recording.etag),
    ]);
  } catch (error) {
    if (!(error instanceof PredicateFailed)) throw error;
    const session = await findSession(services, customerId, sessionId);
    throw new Problem('conflict', whyHeldBack(session, now, { refuseRestricted: false }));
  }
  const begun = await partition.read(recordingType, recording.id);
  return begun ?? { ...deleting, etag: recording.etag };
}

/** Removes its blobs: all of them, or all but its file and what proves that the file is complete. */
async function removeBlobs(services: Moving, customerId: string, recording: Recording): Promise<void> {
  const { blobs, archives } = services;
  const { move, manifestHash, leftSource } = recording;
  const kept = new Set(
    move?.deleteFiles
      ? []
      : [
          recording.blobLocation === undefined ? recording.blobName : undefined,
          checksumsBlobName(customerId, recording),
          manifestHash === undefined ? undefined : manifestBlobName(customerId, recording, manifestHash),
        ],
  );
  const names = new Set([
    ...(await blobs.namesOf('recordings', blobPrefix(customerId, recording))),
    // Of earlier versions of the service, which named files otherwise; and what an archive has left.
    ...[recording.blobLocation === undefined ? recording.blobName : undefined, leftSource?.name].flatMap(
      (name) => name ?? [],
    ),
  ]);
  for (const name of names) if (!kept.has(name)) await blobs.discard('recordings', name);
  const file = fileOf(services, recording);
  // Also where an archive that was given up has left a copy.
  for (const { store } of archives.all)
    for (const name of await store.namesOf(ARCHIVE_CONTAINER, blobPrefix(customerId, recording)))
      if (move?.deleteFiles || store !== file?.store || name !== file.name)
        await store.discard(ARCHIVE_CONTAINER, name);
  if (move?.deleteFiles && file) await file.store.discard(file.container, file.name);
}

/** Where a file that was kept lies, for the result of the task. */
function keptFile({ move, storage, serverPath, blobName, blobLocation }: Recording): string | undefined {
  if (move?.deleteFiles) return undefined;
  if (storage === 'server') return serverPath && `Its file was kept: ${serverPath}`;
  const container = blobLocation === undefined ? 'recordings' : `${blobLocation}: ${ARCHIVE_CONTAINER}`;
  return blobName && `Its file was kept: ${container}/${blobName}`;
}
