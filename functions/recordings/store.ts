/** Reads sessions and recordings. */
import type { Stored } from '../../shared/cosmos/document-type';
import type { Partition } from '../../shared/cosmos/partition';
import { isUuid, monthOfSession, parseRecordingId } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { type Recording, recordingType } from './recording';
import { type Session, sessionType } from './session';

type Reading = Pick<Services, 'database'>;

/** The session, or undefined when the customer has none with this id. */
export async function findSession(
  services: Reading,
  customerId: string,
  sessionId: string,
): Promise<Stored<Session> | undefined> {
  if (!isUuid(sessionId) || sessionId[14] !== '7') return undefined;
  return recordingsPartition(services, customerId, sessionId).read(sessionType, sessionId);
}

/** The recording, or undefined when the customer has none with this id. */
export async function findRecording(
  services: Reading,
  customerId: string,
  recordingId: string,
): Promise<Stored<Recording> | undefined> {
  const parts = parseRecordingId(recordingId);
  if (!parts) return undefined;
  return recordingsPartition(services, customerId, parts.sessionId).read(recordingType, recordingId);
}

/** Where a session and its recordings lie: in the month of its start. */
export function recordingsPartition({ database }: Reading, customerId: string, sessionId: string): Partition {
  return database.recordings(customerId, monthOfSession(sessionId));
}
