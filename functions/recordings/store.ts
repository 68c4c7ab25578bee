/** Reads recordings. */
import type { Stored } from '../../shared/cosmos/document-type';
import { parseRecordingId } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { sessionPartition } from '../sessions';
import { type Recording, recordingType } from './recording';

/** The recording, or undefined when the customer has none with this id. */
export async function findRecording(
  services: Pick<Services, 'database'>,
  customerId: string,
  recordingId: string,
): Promise<Stored<Recording> | undefined> {
  const parts = parseRecordingId(recordingId);
  if (!parts) return undefined;
  const partition = await sessionPartition(services, customerId, parts.sessionId);
  return partition.read(recordingType, recordingId);
}
