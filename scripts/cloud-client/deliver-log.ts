/** Delivers the sessions of a log while it is read. */
import type { CloudClient } from './cloud-client';
import { type FollowedEventLog, startOfSession } from './event-log/read-event-log';

/**
 * Spools everything that the log has; a full spool stops the reading. Resolves at its end with the number of sessions;
 * delivery goes on. What an earlier process has delivered of the same log is not delivered again.
 * @throws the reason why the client has stopped
 */
export async function deliverLog(client: CloudClient, log: FollowedEventLog): Promise<number> {
  const started = new Set<string>();
  const ended = new Set<string>();
  for await (const batch of log.batches) {
    await client.whenRoom();
    const { session, events, endedAt } = batch;
    const { key, user, host } = session;
    if (!started.has(key)) {
      started.add(key);
      if (!client.sessions.get(key))
        client.startSession({
          sessionKey: key,
          startedAt: startOfSession(batch) ?? new Date().toISOString(),
          facts: {
            user: { name: user, groups: [] },
            machine: host,
            application: 'Windows desktop',
            tags: [],
          },
        });
    }
    client.addEvents(key, events);
    if (endedAt !== undefined && !ended.has(key)) {
      ended.add(key);
      if (client.sessions.get(key)?.ended !== true) client.endSession(key, endedAt);
    }
  }
  return started.size;
}
