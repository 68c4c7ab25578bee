/** Which recordings an administrator may see: every operation on a recording or on what belongs to it asks here. */
import type { Stored } from '../../../shared/cosmos/document-type';
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import { sessionPartition } from '../../sessions';
import { type Recording, recordingType } from '../recording';
import { findRecording } from '../store';
import { readAccess, readAccessToSite } from './read-access';
import { isVisible } from './recording-access';

/** The recording of a path's `recordingId`, as `load` of an operation; undefined also when it is hidden from the caller. */
export async function loadVisibleRecording({
  params,
  caller,
  services,
}: {
  params: { recordingId: string };
  caller: Administrator;
  services: Pick<Services, 'database'>;
}): Promise<Stored<Recording> | undefined> {
  const recording = await findRecording(services, caller.customerId, params.recordingId);
  if (!recording) return undefined;
  const access = await readAccessToSite(services, caller, recording.siteId);
  return isVisible(access, recording) ? recording : undefined;
}

/** More parts than a session has: each takes an hour, and a session 31 days at most. */
const MAX_PARTS = 1_000;

/** The recordings of a session that the administrator may see, in the order of their parts. */
export async function listVisibleRecordings(
  services: Pick<Services, 'database'>,
  caller: Administrator,
  sessionId: string,
): Promise<Stored<Recording>[]> {
  const access = await readAccess(services, caller);
  const partition = await sessionPartition(services, caller.customerId, sessionId);
  const parts = await partition.list(recordingType, {
    where: 'c.sessionId = @sessionId',
    parameters: { sessionId },
    limit: MAX_PARTS,
  });
  return parts.filter((recording) => isVisible(access, recording));
}
