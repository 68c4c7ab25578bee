/** Which recordings an administrator may see: every operation on a recording or on what belongs to it asks here. */
import type { Stored } from '../../../shared/cosmos/document-type';
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import type { Recording } from '../recording';
import { findRecording } from '../store';
import { readAccessToSite } from './read-access';
import { isVisible } from './recording-access';

/**
 * The recording of a path's `recordingId`, as `load` of an operation; undefined also when it is hidden from the caller, or
 * is being deleted: it is in no list any more.
 */
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
  if (!recording || recording.state === 'deleting') return undefined;
  const access = await readAccessToSite(services, caller, recording.siteId);
  return isVisible(access, recording) ? recording : undefined;
}
