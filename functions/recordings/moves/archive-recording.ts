/**
 * Archives one recording (MNG-1): copy within the storage, verify, switch the metadata, delete the source. A crash at any
 * step is recovered by calling it again, as the sweep does; nothing is lost, nothing is done twice.
 */
import { ARCHIVE_CONTAINER } from '../../../shared/blobs/blob-containers';
import type { Stored } from '../../../shared/cosmos/document-type';
import { PredicateFailed } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { notFound, Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { archiveGate, findSession, sessionPartition } from '../../sessions';
import { CONTENT_TYPES, type Recording, recordingType } from '../recording';
import { findRecording } from '../store';
import { readChecksums } from './checksum-store';
import { archived, archiveFailed, beginArchive, isOverdue, sourceDeleted, whyNotArchivable } from './move';
import { type ArchiveOrder, changeMoving, type Moving, reportFailure } from './move-order';
import { askServerToArchive } from './server-files';
import { whyHeldBack } from './why-held-back';

/**
 * Archives the recording; one that is archived already is left as it is.
 * @returns what there is to say about it, if anything
 * @throws Problem `not-found`, or `conflict` with the reason when it cannot be archived, or has failed
 */
export async function archiveRecording(services: Moving, order: ArchiveOrder): Promise<string | undefined> {
  const { customerId, recordingId } = order;
  const begun = await retryConflicts(async () => {
    const recording = await findRecording(services, customerId, recordingId);
    if (!recording) throw notFound('recording');
    return recording.state === 'archiving' || recording.state === 'archived'
      ? recording
      : enterArchiving(services, order, recording);
  });
  if (begun.state === 'archived') {
    await deleteSource(services, customerId, begun);
    return 'It was archived before.';
  }
  return continueArchive(services, customerId, begun);
}

/** Goes on with an archive that has begun, from wherever it was interrupted. @throws Problem `conflict` when it has failed */
export async function continueArchive(
  services: Moving,
  customerId: string,
  recording: Stored<Recording>,
): Promise<string | undefined> {
  if (recording.storage === 'server') return askServerToArchive(services, customerId, recording);
  const failure = await copyFile(services, customerId, recording);
  if (failure !== undefined) return failArchive(services, customerId, recording, failure);
  await endArchive(services, customerId, recording, undefined);
  return undefined;
}

/** Switches the metadata to the archived file, then deletes the source. `path`: where the server has moved its file. */
export async function endArchive(
  services: Moving,
  customerId: string,
  recording: Recording,
  path: string | undefined,
): Promise<void> {
  const switched = await changeMoving(services, customerId, recording, (current) =>
    archived(current, path, services.clock.now()),
  );
  if (switched) await deleteSource(services, customerId, switched);
}

/** Ends an archive that cannot succeed. @throws Problem `conflict` with the reason, always */
export async function failArchive(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  recording: Recording,
  reason: string,
): Promise<never> {
  const now = services.clock.now();
  let hasFailed = false;
  const ended = await changeMoving(services, customerId, recording, (current) => {
    hasFailed = true;
    return archiveFailed(current, reason, now);
  });
  if (hasFailed) await reportFailure(services, customerId, recording, reason);
  const until = ended?.archiveBlockedUntil;
  throw new Problem(
    'conflict',
    until === undefined ? reason : `${reason} It can be neither played nor deleted until ${until}.`,
  );
}

/** Begins it, in one batch with the gates of its session. @throws Problem `conflict` when it cannot be archived now */
async function enterArchiving(
  services: Moving,
  { customerId, operation, isScheduled, location, serverFolder }: ArchiveOrder,
  recording: Stored<Recording>,
): Promise<Stored<Recording>> {
  const now = services.clock.now();
  const why = whyNotArchivable(recording, now, isScheduled);
  if (why !== undefined) throw new Problem('conflict', why);
  const target = await targetOf(services, recording, { location, serverFolder });
  const { sessionId } = recording;
  const partition = await sessionPartition(services, customerId, sessionId);
  const archiving = beginArchive(recording, { operation, ...target }, now);
  try {
    await partition.commit([
      archiveGate(sessionId, now, isScheduled),
      change.replace(recordingType, archiving, recording.etag),
    ]);
  } catch (error) {
    if (!(error instanceof PredicateFailed)) throw error;
    const session = await findSession(services, customerId, sessionId);
    throw new Problem('conflict', whyHeldBack(session, now, { refuseRestricted: !isScheduled }));
  }
  const begun = await partition.read(recordingType, recording.id);
  return begun ?? { ...archiving, etag: recording.etag };
}

async function targetOf(
  { blobs, archives }: Moving,
  recording: Recording,
  { location, serverFolder }: Pick<ArchiveOrder, 'location' | 'serverFolder'>,
) {
  const { storage, blobName } = recording;
  if (storage === 'server') {
    if (serverFolder !== undefined) return { location: serverFolder, target: serverFolder };
    throw new Problem('conflict', 'Its file lies on its server: say to which folder it is archived.');
  }
  if (!archives.find(location))
    throw new Problem('conflict', `There is no archive location “${location}” any more.`);
  const found = blobName === undefined ? undefined : await blobs.properties('recordings', blobName);
  if (!found || blobName === undefined)
    throw new Problem('conflict', 'Its file is missing: there is nothing to archive.');
  const { etag, sizeBytes } = found;
  return { location, target: blobName, source: { name: blobName, etag, sizeBytes } };
}

/** Copies and verifies; returns why it cannot succeed, or undefined. What may pass is thrown. */
async function copyFile(
  services: Moving,
  customerId: string,
  recording: Recording,
): Promise<string | undefined> {
  const { location: locationName = '', target: name, source, startedAt = '' } = recording.move ?? {};
  const location = services.archives.find(locationName);
  if (!location) return `There is no archive location “${locationName}” any more.`;
  if (!source || name === undefined) return 'Its file is missing.';
  if (isOverdue({ startedAt }, services.clock.now())) return 'It could not be copied within a day.';
  const checksums = await readChecksums(services, customerId, recording, source.name);
  const contentType = CONTENT_TYPES[recording.container];
  const target = { container: ARCHIVE_CONTAINER, name, contentType, tier: location.tier } as const;
  const from = { ...source, store: services.blobs, container: 'recordings' } as const;
  const outcome = await location.store.copyChecked(from, target, checksums);
  if (outcome === 'corrupt') return 'Its file is not what it was when it was verified.';
  const copy = await location.store.properties(ARCHIVE_CONTAINER, name);
  if (copy?.sizeBytes === source.sizeBytes) return undefined;
  // Whoever has done it at the same time may have deleted the source already.
  if (outcome === 'sourceChanged') return 'Its file is missing, or has changed.';
  if (copy) return 'Another file lies where it would be archived to.';
  throw new Error(`the copy ${locationName}/${name} is not there`);
}

/** Deletes the file that a recording was archived from, unless it has changed since. */
export async function deleteSource(
  services: Moving,
  customerId: string,
  recording: Stored<Recording>,
): Promise<void> {
  const { leftSource } = recording;
  if (recording.state !== 'archived' || !leftSource) return;
  await services.blobs.deleteVersion('recordings', leftSource.name, leftSource.etag);
  await retryConflicts(async () => {
    const current = await findRecording(services, customerId, recording.id);
    if (!current?.leftSource || current.state !== 'archived') return;
    const partition = await sessionPartition(services, customerId, recording.sessionId);
    await partition.replace(recordingType, sourceDeleted(current));
  });
}
