/** The journey: from an empty customer to mails, commands and recordings that are listed. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Stack } from '../../../infra/local/stack/stack';
import { repositoryRoot } from '../../../infra/local/stack/repository-root';
import { CloudClient } from '../../cloud-client/cloud-client';
import type { Command, SessionHost } from '../../cloud-client/command-runner';
import { RetryingAdministrator } from './retrying-administrator';
import { DETECTION_POLICY, eventsOf, EXPECTED, factsOf, responsePolicy, SESSION_KEYS } from './scenario';
import { pollUntil } from './poll-until';

const EVENTS_ONLY = 'Record only events (for everyone, without notification)';
/** A killed worker is considered dead after two minutes, and its work is recovered within another; twice at the most. */
const TIMEOUT_SECONDS = 400;

export interface JourneyOptions {
  stack: Pick<Stack, 'url' | 'ports'>;
  /** The customer is used by this journey only. */
  customer: string;
  /** For the cloud client's spool. */
  folder: string;
  operationDelaySeconds: number;
  /** Of the SMTP account. */
  smtpPassword?: string;
  /** Called when the delivery of the events has just been answered. */
  whenEventsAreAnswered?: () => Promise<void>;
}

export interface Journey {
  options: JourneyOptions;
  administrator: RetryingAdministrator;
  siteId: string;
  serverId: string;
  recipient: string;
  client: CloudClient;
  /** Every command that was carried out, as often as it was. */
  executed: Command[];
  /** Deliveries that the service refused. */
  refused: string[];
  secureClient: { clientId: string; secret: string };
}

/** Plays it until every expected result has arrived. The cloud client keeps running; the caller stops it. */
export async function playJourney(options: JourneyOptions): Promise<Journey> {
  const journey = await setUp(options);
  const { client } = journey;
  try {
    journey.serverId = await client.start();
    const startedAtMs = Date.now() - 60_000;
    for (const key of SESSION_KEYS) {
      client.startSession({
        sessionKey: key,
        startedAt: new Date(startedAtMs).toISOString(),
        facts: factsOf(key),
      });
      client.addEvents(key, eventsOf(options.customer, key, startedAtMs));
    }
    await delivered(journey);
    await options.whenEventsAreAnswered?.();
    await respondedTo(journey);
    addRecordings(journey, startedAtMs);
    for (const key of SESSION_KEYS) client.endSession(key, new Date().toISOString());
    await delivered(journey);
    await recorded(journey);
    return journey;
  } catch (error) {
    await client.stop();
    throw error;
  }
}

/** @throws when something was rejected, since the journey cannot succeed then */
async function delivered({ client, refused }: Journey): Promise<void> {
  await client.delivered();
  if (refused.length > 0) throw new Error(`The service refused deliveries: ${refused.join('; ')}`);
}

/** The recipient of the alerts of a journey. */
export function recipientOf(customer: string): string {
  return `security@${customer}.example`;
}

/** An administrator makes site, mail settings, policies and the identity of the server. */
async function setUp(options: JourneyOptions): Promise<Journey> {
  const { stack, customer, operationDelaySeconds, smtpPassword = 'journey-smtp-password' } = options;
  const administrator = new RetryingAdministrator(stack.url, customer);
  const database = { instance: 'sql01.contoso.example', name: `Recordings ${customer}` };
  const { id: siteId } = await administrator.post<{ id: string }>('/sites', { name: 'Paris', database });
  const emailAlerts = {
    smtp: { host: '127.0.0.1', port: stack.ports.smtp, tls: 'startTls', password: smtpPassword },
    sender: { displayName: 'Session Recording', address: 'recording@contoso.example' },
    subjectFields: ['userName', 'machine'],
  };
  await administrator.patch<{ emailAlerts?: object }>(
    `/sites/${siteId}/settings`,
    { emailAlerts, emailThreshold: 100 },
    (settings) => settings.emailAlerts !== undefined,
  );
  const recipient = recipientOf(customer);
  await activatePolicies(administrator, siteId, responsePolicy(recipient, operationDelaySeconds));
  const secureClient = await administrator.post<Journey['secureClient']>('/secureClients', {
    name: 'Servers',
  });
  const executed: Command[] = [];
  const refused: string[] = [];
  const client = new CloudClient({
    serviceUrl: stack.url,
    credentials: { clientId: secureClient.clientId, clientSecret: secureClient.secret },
    folder: options.folder,
    host: recordingHost(executed),
    machine: {
      machineId: randomUUID(),
      hostName: 'PARIS-SR01',
      operatingSystem: 'Windows Server 2022 Datacenter',
      timeZone: 'Europe/Paris',
      serverVersion: '24.2.0.11',
      clientVersion: '7.42.15010.4',
      database,
    },
    onRejected: ({ kind }, reason) => refused.push(`${kind}: ${reason.message}`),
  });
  const made = { options, administrator, siteId, recipient, client, executed, refused, secureClient };
  return { ...made, serverId: '' };
}

async function activatePolicies(
  administrator: RetryingAdministrator,
  siteId: string,
  response: object,
): Promise<void> {
  const base = `/sites/${siteId}`;
  const known = await administrator.list<{ id: string; name: string }>(`${base}/recordingPolicies`);
  const recording = known.find(({ name }) => name === EVENTS_ONLY);
  if (!recording) throw new Error(`The service has no policy “${EVENTS_ONLY}”.`);
  await administrator.post(`${base}/recordingPolicies/${recording.id}/activate`);
  for (const [collection, policy] of [
    ['eventDetectionPolicies', DETECTION_POLICY],
    ['eventResponsePolicies', response],
  ] as const) {
    const { id } = await administrator.post<{ id: string }>(`${base}/${collection}`, policy);
    await administrator.post(`${base}/${collection}/${id}/activate`);
  }
}

/** A machine on which every command succeeds and is recorded. */
function recordingHost(executed: Command[]): SessionHost {
  const note = async (command: Command): Promise<void> => {
    executed.push(command);
  };
  return {
    startScreenRecording: note,
    lockSession: note,
    logOffSession: note,
    disconnectSession: note,
    notifyUser: note,
  };
}

export interface ListedResponse {
  eventType: string;
  ruleName: string;
  triggers: { position: number; description: string; actions: string[] }[];
  actions: { kind: string; state: string; reason?: string; finishedAt?: string }[];
}

async function respondedTo({ administrator, siteId, executed }: Journey): Promise<void> {
  let seen: unknown;
  await pollUntil(
    'the answer to the events',
    TIMEOUT_SECONDS,
    async () => {
      const responses = await administrator.list<ListedResponse>(`/sites/${siteId}/responses`);
      const isOver = responses
        .flatMap(({ actions }) => actions)
        .every(({ finishedAt }) => finishedAt !== undefined);
      const operations = executed.filter(({ kind }) => kind !== 'notifyUser');
      seen = { responses: responses.map(({ actions }) => actions), operations: operations.length };
      const isComplete =
        responses.length >= EXPECTED.responses && operations.length >= EXPECTED.operations && isOver;
      return isComplete ? true : undefined;
    },
    () => JSON.stringify(seen),
  );
}

/** The screen of the one session, the events of the other one. */
function addRecordings({ client, options }: Journey, startedAtMs: number): void {
  const startedAt = new Date(startedAtMs).toISOString();
  const span = { part: 1, startedAt, endedAt: new Date(startedAtMs + 45_000).toISOString() };
  const screen = path.join(repositoryRoot(), 'scripts/cloud-client/samples/screen.webm');
  client.addRecording({ ...span, sessionKey: 'locked', container: 'webm', file: screen });
  const events = path.join(options.folder, 'events.ndjson');
  const lines = eventsOf('any', 'disconnected', 0).map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(events, lines.join(''));
  client.addRecording({ ...span, sessionKey: 'disconnected', container: 'events', file: events });
}

export interface ListedRecording {
  id: string;
  part: number;
  container: string;
  state: string;
  userName: string;
  machine?: string;
  durationSeconds?: number;
  sizeBytes?: number;
}

async function recorded({ administrator, siteId }: Journey): Promise<void> {
  let seen: unknown;
  await pollUntil(
    'the verification of the recordings',
    TIMEOUT_SECONDS,
    async () => {
      const recordings = await administrator.list<ListedRecording>(`/recordings?siteId=${siteId}`);
      seen = recordings;
      const verified = recordings.filter(({ state }) => state !== 'uploading' && state !== 'verifying');
      return verified.length >= EXPECTED.recordings ? true : undefined;
    },
    () => JSON.stringify(seen),
  );
}
