/** The journey of the demo: from an empty service to mails, commands and a recording that is listed. */
import path from 'node:path';
import { CloudClient } from '../cloud-client/cloud-client';
import { summarise } from '../cloud-client/event-log/counts';
import { type EventLogSession, readEventLog } from '../cloud-client/event-log/read-event-log';
import { AdministratorApi } from './administrator';
import { DemoHost } from './demo-host';
import { detectionPolicy, responsePolicy, typesByRarity } from './policies-from-log';
import { line, step, table } from './print';
import { showMails, showRecordings, showResponses } from './show-results';
import { activatePolicies, createSite, type DemoSite } from './set-up-site';

export interface Journey {
  serviceUrl: string;
  /** Windows event log, or session events as input. */
  events: string;
  /** A recording of a screen, to be uploaded where one is asked for. */
  screen: string;
  /** For the spool of the cloud client. */
  folder: string;
}

/** Plays all of it and prints each step with its result. @throws when an expected result does not arrive */
export async function playJourney({ serviceUrl, events, screen, folder }: Journey): Promise<void> {
  const since = new Date();
  const api = await AdministratorApi.signIn(serviceUrl, 'contoso');
  const site = await createSite(api, Number(new URL(serviceUrl).port) + 9);
  const { sessions, counts } = await readEventLog(
    { kind: 'file', path: events },
    { lastRecordAt: new Date() },
  );
  const machines = [...new Set(sessions.map(({ host }) => host))];
  const types = typesByRarity(sessions);
  // A log without sessions still needs a machine for the rules to name.
  const scope = machines.length > 0 ? machines : ['no machine'];
  await activatePolicies(api, site.siteId, {
    detection: detectionPolicy(scope, types),
    response: responsePolicy(scope, types[0]),
  });

  const host = new DemoHost();
  const client = await connectServer(api, site, host, folder);
  try {
    step(`It reads ${path.basename(events)} and delivers what happened in the sessions`);
    for (const session of sessions) deliverSession(client, session);
    await client.delivered();
    line(
      `${sessions.length} sessions with ${sessions.reduce((sum, { events: own }) => sum + own.length, 0)} events delivered`,
    );
    table(
      ['session of', 'on', 'events'],
      sessions.map(({ user, host: machine, events: own }) => [user, machine, own.length]),
    );

    step('The service evaluates the events; rules fire');
    await showResponses(api, site.siteId);
    step('Alert mails arrive');
    await showMails(serviceUrl, since);
    step('The server carries out commands');
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

    step('The sessions end; recordings of the screen are uploaded in blocks, verified and listed');
    endSessions(client, sessions, host, screen);
    await client.delivered();
    await showRecordings(api, site.siteId, host.recording.size);
  } finally {
    await client.stop();
  }
  step('Outcome of each record of the log');
  const { rows, recordsRead } = summarise(counts);
  table(
    ['event type, or channel and id', 'remark', 'records'],
    rows.map(({ what, remark, records }) => [what, remark, records]),
  );
  const sum = rows.reduce((total, { records }) => total + records, 0);
  line(`${sum} in the table = ${recordsRead} records read`);
  if (sum !== recordsRead) throw new Error('the table does not add up to the records read');
}

async function connectServer(
  api: AdministratorApi,
  site: DemoSite,
  host: DemoHost,
  folder: string,
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
    onRejected: (what, reason) => {
      line(`refused: ${what}: ${reason.message}`);
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
  for (const { key } of sessions) {
    const startedAt = host.recording.get(client.sessions.get(key)?.sessionId ?? '');
    if (startedAt)
      client.addRecording({ sessionKey: key, part: 1, container: 'webm', startedAt, endedAt, file: screen });
    client.endSession(key, endedAt);
  }
}
