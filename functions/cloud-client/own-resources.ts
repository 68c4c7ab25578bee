/**
 * What a secure client may touch: sessions and recordings of its own servers. For it, others do not exist. The path of
 * these requests does not name their server: here they count towards its limit.
 */
import type { ClientCaller } from '../../shared/identity/caller';
import type { Services } from '../../shared/services';
import { findRecording } from '../recordings';
import { findServer, isOwnServer, isSiteGone, serverWithoutSite } from '../servers';
import { findSession } from '../sessions';
import { recentState } from './recent-state';

/**
 * The session, or undefined when there is none with this id on a server of the caller, or all of it was deleted.
 * @throws Problem `server-without-site` when the site of the server was deleted
 */
export async function findOwnSession(services: Services, caller: ClientCaller, sessionId: string) {
  const session = await findSession(services, caller.customerId, sessionId);
  // What comes late for a deleted session would bring a part of it back.
  if (!session || session.isEmptied || !(await isOwnServer(services, caller, session.serverId)))
    return undefined;
  services.rateLimits.countServer(caller, session.serverId, services.clock.now());
  await requireSite(services, caller.customerId, session.serverId);
  return session;
}

/**
 * The recording, or undefined when there is none with this id of a server of the caller.
 * @throws Problem `server-without-site` when the site of the server was deleted
 */
export async function findOwnRecording(services: Services, caller: ClientCaller, recordingId: string) {
  const recording = await findRecording(services, caller.customerId, recordingId);
  if (!recording || !(await isOwnServer(services, caller, recording.serverId))) return undefined;
  services.rateLimits.countServer(caller, recording.serverId, services.clock.now());
  await requireSite(services, caller.customerId, recording.serverId);
  return recording;
}

/**
 * Checked for all that a server delivers: in a site that was deleted nobody would find it. Only what was just read is a
 * reason to refuse it.
 * @throws Problem `server-without-site` when the site of the server was deleted
 */
export async function requireSite(services: Services, customerId: string, serverId: string): Promise<void> {
  for (const database of [recentState(services), services.database]) {
    const server = await findServer({ database }, customerId, serverId);
    if (!server || !(await isSiteGone({ database }, customerId, server))) return;
  }
  throw serverWithoutSite();
}
