/** Which recordings an administrator may see: every operation on a recording or on what belongs to it asks here. */
import type { Stored } from '../../../shared/cosmos/document-type';
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import type { Recording } from '../recording';
import { findRecording } from '../store';

/** Whether the administrator may see the recording: restricted ones are hidden from read-only administrators (IAM-6). */
function isVisibleTo({ kind }: Administrator, { restrictedAt }: Recording): boolean {
  return restrictedAt === undefined || kind === 'fullAdmin' || kind === 'privilegedPlayerAdmin';
}

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
  return recording && isVisibleTo(caller, recording) ? recording : undefined;
}
