/** Begins a part of a session's recording, or resumes its upload. */
import { recordingId } from '../../../shared/ids';
import type { Stored } from '../../../shared/cosmos/document-type';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import type { StagedBlock } from '../../../shared/blobs/blob-store';
import { type LiveUpload, openLiveUpload } from '../live/live-upload';
import { type Recording, type RecordingContainer, recordingType } from '../recording';
import { type Session, sessionPartition } from '../../sessions';
import { findRecording } from '../store';
import { followGates } from '../hold/copy-gates';
import { lowerCaseCopies, scopeKeysOf } from '../search/search-fields';
import { startNear } from '../search/time-windows';
import { incomingBlobName } from './blob-names';
import { isOpen, UPLOAD_URL_SECONDS, whileUploading } from './upload-life';

interface NewRecording {
  part: number;
  container: RecordingContainer;
  /** RFC 3339 UTC, corrected. */
  startedAt: string;
  /** Whether it is uploaded live; default: in blocks. */
  live?: boolean;
  /** Full path of a file that stays on the server's storage: nothing is uploaded (RCD-9). */
  serverPath?: string | undefined;
}

/** Where and how to continue the upload, in blocks or live; both are absent once it is complete, and on a server. */
export interface BegunRecording {
  recording: Recording;
  upload?: { url: string; expiresAt: string; stagedBlocks: StagedBlock[] };
  live?: LiveUpload;
}

type Beginning = Pick<Services, 'database' | 'blobs' | 'clock'>;

/**
 * Continues an abandoned upload too. What was begun live may go on in blocks, and the other way round: the last request
 * decides.
 * @throws Problem `conflict` when the part was begun with another container, or recordings of the session were deleted
 */
export async function beginRecording(
  services: Beginning,
  session: Session,
  begun: NewRecording,
): Promise<BegunRecording> {
  const { customerId } = session;
  // Late repetitions would bring a deleted recording back.
  if (session.recordingsDeletedAt !== undefined || (session.deletions ?? 0) > 0)
    throw new Problem('conflict', 'Recordings of this session were deleted: it is not recorded any more.');
  const { dueAt } = whileUploading(services.clock.now());
  const partition = await sessionPartition(services, customerId, session.id);
  const known = await partition.createOrRead(recordingType, {
    ...newRecording(session, begun),
    dueAt,
  });
  if (known.container !== begun.container) {
    throw new Problem(
      'conflict',
      `Part ${begun.part} of this session was begun as ${known.container}: another container needs another part.`,
    );
  }
  // Later it lies where it was archived to.
  if (isOpen(known) && known.serverPath !== begun.serverPath) {
    const place = known.serverPath === undefined ? 'as an upload' : `at ${known.serverPath}`;
    throw new Problem(
      'conflict',
      `Part ${begun.part} of this session was begun ${place}: another place needs another part.`,
    );
  }
  const recording = await keepOpen(services, customerId, known, { dueAt, live: liveMark(known, begun) });
  if (!isOpen(recording)) return { recording };
  // Only a session that has ended is restricted. If it ended after it was read, the verification handles it.
  if (session.state === 'ended') await followGates(services, customerId, recording);
  if (recording.storage === 'server') return { recording };
  if (recording.live === true)
    return { recording, live: await openLiveUpload(services, customerId, recording) };
  const name = incomingBlobName(customerId, recording);
  const [{ url, expiresAt }, stagedBlocks] = await Promise.all([
    services.blobs.uploadUrl('recordings', name, UPLOAD_URL_SECONDS),
    services.blobs.stagedBlocks('recordings', name),
  ]);
  return { recording, upload: { url, expiresAt: expiresAt.toISOString(), stagedBlocks } };
}

/** Once a recording was live, it is remembered: its blob is to be removed. */
function liveMark(
  { live: before }: Pick<Recording, 'live'>,
  { live = false }: NewRecording,
): boolean | undefined {
  return live || (before === undefined ? undefined : false);
}

/** An upload that is continued is not abandoned, from now on for a day. */
async function keepOpen(
  services: Beginning,
  customerId: string,
  known: Stored<Recording>,
  { dueAt, live }: { dueAt: string; live: boolean | undefined },
): Promise<Stored<Recording>> {
  return retryConflicts(async (attempt) => {
    const recording = attempt === 1 ? known : await findRecording(services, customerId, known.id);
    if (!recording) return known;
    const isKept = recording.state === 'uploading' && recording.dueAt === dueAt && recording.live === live;
    if (!isOpen(recording) || isKept) return recording;
    const partition = await sessionPartition(services, customerId, recording.sessionId);
    const open = { ...recording, state: 'uploading' as const, stateReason: undefined, dueAt, live };
    return partition.replace(recordingType, open);
  });
}

function newRecording(
  session: Session,
  { part, container, startedAt, live = false, serverPath }: NewRecording,
): Recording {
  const { user, application, deliveryGroup, machine, clientAddress } = session.facts;
  const { audio, lossy } = session.decision;
  const userKey = user.name.toLowerCase();
  const described = {
    userName: user.name,
    upn: user.upn,
    application,
    deliveryGroup,
    machine,
    clientName: session.clientName,
    clientAddress,
  };
  return {
    id: recordingId(session.id, part),
    sessionId: session.id,
    part,
    siteId: session.siteId,
    serverId: session.serverId,
    container,
    state: 'uploading',
    ...described,
    ...lowerCaseCopies(described),
    userKey,
    accountKey: userKey.slice(userKey.lastIndexOf('\\') + 1),
    scopeKeys: scopeKeysOf(session.facts),
    ...(container === 'events' ? { audio: false, lossy: false } : { audio, lossy }),
    startedAt: startNear(session.startedAt, startedAt),
    live: live || undefined,
    ...(serverPath === undefined ? {} : { storage: 'server', serverPath }),
    restrictedAt: session.restriction?.at,
    restrictedBy: session.restriction?.by,
    heldAt: session.hold?.at,
    heldBy: session.hold?.by,
    holdReason: session.hold?.reason,
  };
}
