/** Delivers the sessions of a log while it is read. */
import type { CloudClient } from './cloud-client';
import { type FollowedEventLog, startOfSession } from './event-log/read-event-log';

/** Spools everything that the log has. Resolves at its end with the number of sessions; delivery goes on. */
export async function deliverLog(client: CloudClient, log: FollowedEventLog): Promise<number> {
  const started = new Set<string>();
  const ended = new Set<string>();
  for await (const batch of log.batches) {
    const { session, events, endedAt } = batch;
    const { key, user, host } = session;
    if (!started.has(key)) {
      started.add(key);
      client.startSession({
        sessionKey: key,
        startedAt: startOfSession(batch) ?? new Date().toISOString(),
        facts: { user: { name: user, groups: [] }, machine: host, application: 'Windows desktop', tags: [] },
      });
    }
    client.addEvents(key, events);
    if (endedAt !== undefined && !ended.has(key)) {
      ended.add(key);
      client.endSession(key, endedAt);
    }
  }
  return started.size;
}
