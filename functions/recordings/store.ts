/** Reads sessions. */
import type { Stored } from '../../shared/cosmos/document-type';
import { isUuid, monthOfSession } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { type Session, sessionType } from './session';

type Reading = Pick<Services, 'database'>;

/** The session, or undefined when the customer has none with this id. */
export async function findSession(
  { database }: Reading,
  customerId: string,
  sessionId: string,
): Promise<Stored<Session> | undefined> {
  if (!isUuid(sessionId) || sessionId[14] !== '7') return undefined;
  return database.recordings(customerId, monthOfSession(sessionId)).read(sessionType, sessionId);
}
