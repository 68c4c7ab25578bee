/** What asks for a recording to be archived or deleted, and what both use to change its document. */
import { countActivity } from '../../../shared/activity/report-activity';
import type { ActivityKind } from '../../../shared/activity/activity-event';
import type { Stored } from '../../../shared/cosmos/document-type';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { sessionPartition } from '../../sessions';
import { type Recording, recordingType } from '../recording';
import { findRecording } from '../store';

/** What moves need; nothing of HTTP. */
export type Moving = Pick<Services, 'database' | 'blobs' | 'archives' | 'clock'>;

interface MoveOrder {
  customerId: string;
  recordingId: string;
  /** Of what asks: the id of a task, or of a run of a schedule. */
  operation: string;
  /** Asked for by a schedule: restricted recordings are included, those whose archive has failed are left alone for a day. */
  isScheduled: boolean;
}

export interface ArchiveOrder extends MoveOrder {
  /** Name of an archive location. */
  location: string;
  /** For a recording on the storage of its server: the folder there, or a UNC path. */
  serverFolder?: string | undefined;
}

export interface DeletionOrder extends MoveOrder {
  /** Whether its file is deleted with it. */
  deleteFiles: boolean;
}

/**
 * Changes the recording while it is in this very move: `next` of what it is now, by ETag.
 * @returns the recording as it is then; undefined when there is none any more
 */
export async function changeMoving(
  services: Pick<Services, 'database'>,
  customerId: string,
  moving: Recording,
  next: (recording: Stored<Recording>) => Stored<Recording>,
): Promise<Stored<Recording> | undefined> {
  return retryConflicts(async () => {
    const current = await findRecording(services, customerId, moving.id);
    if (!current || current.move?.startedAt !== moving.move?.startedAt || !current.move) return current;
    const partition = await sessionPartition(services, customerId, moving.sessionId);
    return partition.replace(recordingType, next(current));
  });
}

/** Tells the feed, and who subscribed to it, of a move that has failed: once per site, reason and hour, with a count. */
export async function reportFailure(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { id, siteId, serverId, sessionId, move }: Recording,
  reason: string,
): Promise<void> {
  const kind: ActivityKind = move?.kind === 'delete' ? 'recording.deletionFailed' : 'recording.archiveFailed';
  await countActivity(services, customerId, {
    at: services.clock.now(),
    kind,
    severity: 'warning',
    message: `Recordings could not be ${move?.kind === 'delete' ? 'deleted' : 'archived'}: ${reason}`,
    siteId,
    serverId,
    sessionId,
    details: { recordingId: id },
    countedBy: [reason],
    occurrence: `${id} ${move?.startedAt}`,
  });
}
