/** The journey of the demo: from an empty service to mails, commands and a recording that is listed. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudClient } from '../cloud-client/cloud-client';
import { type EventLogCounts } from '../cloud-client/event-log/counts';
import { type EventLogSession } from '../cloud-client/event-log/read-event-log';
import { showOutcomes } from '../cloud-client/show-outcomes';
import { AdministratorApi } from './administrator';
import { DemoHost } from './demo-host';
import { detectionPolicy, responsePolicy, typesByRarity } from './policies-from-log';
import { line, step, table } from './print';
import { Refusals } from '../cloud-client/refusals';
import { showPointsOfInterest } from './show-points-of-interest';
import {
  showMaintenancePreview,
  showMails,
  showPlayback,
  showRecordings,
  showResponses,
} from './show-results';
import { activatePolicies, createSite, type DemoSite } from './set-up-site';

const STALLED_MS = 60_000;

export interface Journey {
  serviceUrl: string;
  /** Where the log came from, and what was read of it. */
  logFile: string;
  log: { sessions: EventLogSession[]; counts: EventLogCounts };
  /** A recording of a screen, to be uploaded where one is asked for. */
  screen: string;
  /** For the spool of the cloud client. */
  folder: string;
}

/**
 * Plays all of it and prints each step with its result. Returns what the service refused.
 * @throws when an expected result does not arrive
 */
export async function playJourney({ serviceUrl, logFile, log, screen, folder }: Journey): Promise<Refusals> {
  const since = new Date();
  const api = await AdministratorApi.signIn(serviceUrl, 'contoso');
  const site = await createSite(api, Number(new URL(serviceUrl).port) + 9);
  const { sessions, counts } = log;
  const machines = [...new Set(sessions.map(({ host }) => host))];
  const types = typesByRarity(sessions);
  // A log without sessions still needs a machine for the rules to name.
  const scope = machines.length > 0 ? machines : ['no machine'];
  await activatePolicies(api, site.siteId, {
    detection: detectionPolicy(scope, types),
    response: responsePolicy(scope, types[0]),
  });

  const host = new DemoHost();
  const refusals = new Refusals();
  const client = await connectServer(api, site, { host, folder, refusals });
  try {
    step(`It reads ${path.basename(logFile)} and delivers what happened in the sessions`);
    for (const session of sessions) deliverSession(client, session);
    await everythingDelivered(client);
    showSessions(sessions, refusals);

    step('The service evaluates the events; rules fire');
    await showResponses(api, site.siteId);
    step('Alert mails arrive');
    await showMails(serviceUrl, since);
    step('The server carries out commands');
    showCommands(client, sessions);

    step('The sessions end; recordings of the screen are uploaded in blocks, verified and listed');
    endSessions(client, sessions, host, screen);
    await everythingDelivered(client);
    const recordingId = await showRecordings(api, site.siteId, host.recording.size);
    if (recordingId !== undefined) {
      step('An administrator says why and plays one of them');
      await showPlayback(api, recordingId);
    }
    step('The same in short: points of interest and a summary of one of them');
    await showPointsOfInterest(api, site.siteId);
    step('Before recordings are archived and deleted on schedule, a preview says how many it would be');
    await showMaintenancePreview(api, site.siteId);
  } finally {
    await client.stop();
  }
  step('Outcome of each record of the log');
  showOutcomes(counts, refusals.events);
  return refusals;
}

/** Resolves when nothing waits any more. @throws when the service has taken nothing for a minute */
async function everythingDelivered(client: CloudClient): Promise<void> {
  let [pending, since] = [client.pending, Date.now()];
  while (pending > 0) {
    await sleep(100);
    const now = client.pending;
    if (now !== pending) [pending, since] = [now, Date.now()];
    if (Date.now() - since > STALLED_MS)
      throw new Error(`the service has taken nothing for a minute; ${pending} deliveries are left`);
  }
}

const quantity = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What was delivered, once it has been. */
function showSessions(sessions: readonly EventLogSession[], refusals: Refusals): void {
  const taken = sessions.filter(({ key }) => !refusals.sessionKeys.has(key));
  const eventCount = sessions.reduce((sum, { events }) => sum + events.length, 0);
  const refusedCount = refusals.events.reduce((sum, { events }) => sum + events.length, 0);
  if (refusals.count === 0)
    line(`${quantity(sessions.length, 'session')} with ${quantity(eventCount, 'event')} delivered`);
  else {
    line(
      `${taken.length} of ${sessions.length} sessions delivered, ${sessions.length - taken.length} refused`,
    );
    line(`${eventCount - refusedCount} of ${eventCount} events delivered, ${refusedCount} refused`);
  }
  table(
    ['session of', 'on', 'events'],
    taken.map(({ user, host: machine, events }) => [user, machine, events.length]),
  );
}

function showCommands(client: CloudClient, sessions: readonly EventLogSession[]): void {
  const users = new Map(sessions.map(({ key, user }) => [client.sessions.get(key)?.sessionId, user]));
  table(
    ['command', 'session of', 'parameters', 'result'],
    client.executed.map(({ kind, sessionId, parameters, status }) => [
      kind,
      users.get(sessionId) ?? '',
      JSON.stringify(parameters),
      status,
    ]),
  );
}

async function connectServer(
  api: AdministratorApi,
  site: DemoSite,
  { host, folder, refusals }: { host: DemoHost; folder: string; refusals: Refusals },
): Promise<CloudClient> {
  step('A recording server is given an identity, registers and sends its first heartbeat');
  const { body: identity } = await api.call<{ clientId: string; secret: string }>('POST', '/secureClients', {
    name: 'Paris servers',
  });
  const client = new CloudClient({
    serviceUrl: api.serviceUrl,
    credentials: { clientId: identity.clientId, clientSecret: identity.secret },
    folder,
    host,
    machine: {
      machineId: `demo-${site.siteId}`,
      hostName: 'PARIS-SR01',
      operatingSystem: 'Windows Server 2022 Datacenter',
      timeZone: 'Europe/Paris',
      serverVersion: '24.2.0.11',
      clientVersion: '7.42.15010.4',
      database: site.database,
    },
    onRetry: (what, reason) => {
      line(`tried again: ${what}: ${String(reason)}`);
    },
    onRejected: (delivery, reason) => {
      refusals.add(delivery, reason);
      line(`refused: ${delivery.kind} of ${delivery.sessionKey}: ${reason.message}`);
    },
  });
  const serverId = await client.start();
  const { body: server } = await api.call<{ hostName: string; status: string; siteId?: string }>(
    'GET',
    `/servers/${serverId}`,
  );
  line(
    `${server.hostName} is ${server.status}, in the site that has its database: ${server.siteId === site.siteId}`,
  );
  return client;
}

function deliverSession(client: CloudClient, { key, user, host, firstTime, events }: EventLogSession): void {
  client.startSession({
    sessionKey: key,
    startedAt: firstTime ?? events[0]?.time ?? new Date().toISOString(),
    facts: { user: { name: user, groups: [] }, machine: host, application: 'Windows desktop', tags: [] },
  });
  client.addEvents(key, events);
}

function endSessions(
  client: CloudClient,
  sessions: readonly EventLogSession[],
  host: DemoHost,
  screen: string,
): void {
  const endedAt = new Date().toISOString();
  for (const { key, firstTime, events } of sessions) {
    const sessionId = client.sessions.get(key)?.sessionId;
    // The service did not take it.
    if (sessionId === undefined) continue;
    const begunAt = host.recording.get(sessionId);
    // It covers what happened in the session before, so that there is something to see in it.
    const startedAt = firstTime ?? events[0]?.time ?? begunAt;
    if (begunAt && startedAt)
      client.addRecording({ sessionKey: key, part: 1, container: 'webm', startedAt, endedAt, file: screen });
    client.endSession(key, endedAt);
  }
}
