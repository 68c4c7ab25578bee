/**
 * What a secure client may touch: sessions and recordings of its own servers. For it, others do not exist. The path of
 * these requests does not name their server: here they count towards its limit.
 */
import type { ClientCaller } from '../../shared/identity/caller';
import type { Services } from '../../shared/services';
import { findRecording } from '../recordings';
import { isOwnServer } from '../servers';
import { findSession } from '../sessions';

/** The session, or undefined when there is none with this id on a server of the caller, or all of it was deleted. */
export async function findOwnSession(services: Services, caller: ClientCaller, sessionId: string) {
  const session = await findSession(services, caller.customerId, sessionId);
  // What comes late for a deleted session would bring a part of it back.
  if (!session || session.isEmptied || !(await isOwnServer(services, caller, session.serverId)))
    return undefined;
  services.rateLimits.countServer(caller, session.serverId, services.clock.now());
  return session;
}

/** The recording, or undefined when there is none with this id of a server of the caller. */
export async function findOwnRecording(services: Services, caller: ClientCaller, recordingId: string) {
  const recording = await findRecording(services, caller.customerId, recordingId);
  if (!recording || !(await isOwnServer(services, caller, recording.serverId))) return undefined;
  services.rateLimits.countServer(caller, recording.serverId, services.clock.now());
  return recording;
}
