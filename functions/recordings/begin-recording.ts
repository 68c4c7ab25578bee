/** Begins a part of a session's recording, or goes on with its upload. */
import { recordingId } from '../../shared/ids';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { StagedBlock } from '../../shared/blobs/blob-store';
import { blobNameOf, type Recording, type RecordingContainer, recordingType } from './recording';
import { type Session, sessionPartition } from '../sessions';
import { followRestriction } from './restrictions/copy-restriction';

/** A SAS that leaks is good for one blob and one hour. */
const UPLOAD_SECONDS = 3_600;

interface NewRecording {
  part: number;
  container: RecordingContainer;
  /** RFC 3339 UTC, corrected. */
  startedAt: string;
}

/** Where and how to go on with the upload; `upload` is absent once it is complete. */
export interface BegunRecording {
  recording: Recording;
  upload?: { url: string; expiresAt: string; stagedBlocks: StagedBlock[] };
}

/** @throws Problem `conflict` when the part was begun with another container */
export async function beginRecording(
  services: Pick<Services, 'database' | 'blobs'>,
  session: Session,
  begun: NewRecording,
): Promise<BegunRecording> {
  const { customerId } = session;
  const partition = await sessionPartition(services, customerId, session.id);
  const recording = await partition.createOrRead(recordingType, newRecording(session, begun));
  if (recording.container !== begun.container) {
    throw new Problem(
      'conflict',
      `Part ${begun.part} of this session was begun as ${recording.container}: another container is another part.`,
    );
  }
  if (recording.state !== 'uploading') return { recording };
  const name = blobNameOf(customerId, recording.id);
  const [{ url, expiresAt }, stagedBlocks] = await Promise.all([
    services.blobs.signedUrl('recordings', name, 'write', UPLOAD_SECONDS),
    services.blobs.stagedBlocks('recordings', name),
    // Only a session that has ended is restricted. Should it have ended since it was read: see the verification.
    ...(session.state === 'ended' ? [followRestriction(services, customerId, recording)] : []),
  ]);
  return { recording, upload: { url, expiresAt: expiresAt.toISOString(), stagedBlocks } };
}

function newRecording(session: Session, { part, container, startedAt }: NewRecording): Recording {
  const { user, application, deliveryGroup, machine, clientAddress } = session.facts;
  const userKey = user.name.toLowerCase();
  return {
    id: recordingId(session.id, part),
    sessionId: session.id,
    part,
    siteId: session.siteId,
    serverId: session.serverId,
    container,
    state: 'uploading',
    userName: user.name,
    upn: user.upn,
    userKey,
    accountKey: userKey.slice(userKey.lastIndexOf('\\') + 1),
    application,
    deliveryGroup,
    machine,
    clientName: session.clientName,
    clientAddress,
    startedAt,
    restrictedAt: session.restriction?.at,
    restrictedBy: session.restriction?.by,
  };
}
