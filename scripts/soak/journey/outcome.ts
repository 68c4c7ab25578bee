/** The outcome of a journey, as callers see it, without times and ids, so that two runs can be compared. */
import { CosmosClient } from '@azure/cosmos';
import { type AuditEntry, auditEntryType } from '../../../shared/audit/audit-entry';
import { systemClock } from '../../../shared/clock';
import { loadConfig } from '../../../shared/config';
import { Database } from '../../../shared/cosmos/database';
import { appCredential } from '../../../shared/credential';
import { readLog } from '../../../shared/log/read-log';
import { tenantIdOf } from '../../../infra/local/azure/login/directory-ids';
import type { Journey, ListedRecording, ListedResponse } from './play-journey';
import { SESSION_KEYS } from './scenario';

/** What must be the same however often the service was killed. */
export interface Outcome {
  decisions: unknown[];
  responses: unknown[];
  /** Every executed operation but notices, once per execution. */
  operations: unknown[];
  mails: unknown[];
  recordings: unknown[];
  sessions: unknown[];
  /** The actions in the administrator log; which ones, not how often. */
  audit: string[];
  /** Deliveries of the cloud client that were rejected permanently. */
  refused: string[];
}

export interface Result {
  outcome: Outcome;
  /** Mails that came again under the Message-ID of an earlier one. */
  repeatedMails: number;
  /** Executed notices to users. One that is fetched too late expires. */
  notices: number;
}

interface Mail {
  to: string[];
  subject: string;
  messageId: string;
  text: string;
  html: string;
}

/** Reads the outcome of a journey that has been played. `env`: the app's environment. */
export async function readResult(journey: Journey, env: Record<string, string>): Promise<Result> {
  const { administrator, siteId, client, executed, refused, options, recipient } = journey;
  const keyOf = new Map(SESSION_KEYS.map((key) => [client.sessions.get(key)?.sessionId, key]));
  const responses = await administrator.list<ListedResponse>(`/sites/${siteId}/responses`);
  const recordings = await administrator.list<ListedRecording>(`/recordings?siteId=${siteId}`);
  const { mails, repeatedMails } = distinct(await readMails(options.stack.url, recipient));
  const customerId = tenantIdOf(options.customer);
  const [sessions, audit] = await Promise.all([
    readDocuments<{ sessionKey: string; state: string }>(env, 'recordings', 'session', customerId),
    readAudit(env, customerId),
  ]);
  const outcome: Outcome = {
    decisions: SESSION_KEYS.map((key) => ({ key, decision: client.sessions.get(key)?.decision })),
    responses: responses.map(({ eventType, ruleName, triggers, actions }) => ({
      ...{ eventType, ruleName, triggers },
      actions: actions.map(({ kind, state, reason }) => ({ kind, state, reason })),
    })),
    operations: executed
      .filter(({ kind }) => kind !== 'notifyUser')
      .map(({ kind, sessionId, parameters }) => ({
        kind,
        session: keyOf.get(sessionId as string),
        parameters,
      })),
    mails: mails.map(({ to, subject, text, html }) => ({ to, subject, text, html })),
    recordings: recordings.map(
      ({ id, part, container, state, userName, machine, durationSeconds, sizeBytes }) => ({
        session: keyOf.get(id.slice(0, 36)),
        ...{ part, container, state, userName, machine, durationSeconds, sizeBytes },
      }),
    ),
    sessions: sessions.map(({ sessionKey, state }) => ({ sessionKey, state })),
    audit: [...new Set(audit.map(({ action, outcome: end }) => `${action} ${end}`))],
    refused,
  };
  const notices = executed.filter(({ kind }) => kind === 'notifyUser').length;
  return { outcome: normalised(outcome, options.customer, options.stack.url), repeatedMails, notices };
}

/** Mails to a recipient, in the order of their arrival. */
async function readMails(serviceUrl: string, recipient: string): Promise<Mail[]> {
  const response = await fetch(`${serviceUrl}/local/outbox?to=${encodeURIComponent(recipient)}`);
  return ((await response.json()) as { value: Mail[] }).value;
}

/** A repeat is one only when it says the same. */
function distinct(all: Mail[]): { mails: Mail[]; repeatedMails: number } {
  const said = ({ messageId, to, subject, text, html }: Mail) =>
    JSON.stringify([messageId, to, subject, text, html]);
  const mails = [...new Map(all.map((mail) => [said(mail), mail])).values()];
  return { mails, repeatedMails: all.length - mails.length };
}

/** The administrator log of a customer; a journey writes far fewer entries. */
function readAudit(env: Record<string, string>, customerId: string): Promise<AuditEntry[]> {
  return withCosmos(env, (client, name) => {
    const services = { database: new Database(client, name), clock: systemClock };
    return readLog(services, customerId, auditEntryType, { limit: 10_000 });
  });
}

/** Documents of a customer, straight from the database: what callers cannot ask for. */
export function readDocuments<T>(
  env: Record<string, string>,
  container: string,
  type: string,
  customerId: string,
): Promise<T[]> {
  return withCosmos(env, async (client, name) => {
    const { resources } = await client
      .database(name)
      .container(container)
      .items.query<T>({
        query: 'SELECT * FROM c WHERE c.type = @type AND c.customerId = @customerId',
        parameters: [
          { name: '@type', value: type },
          { name: '@customerId', value: customerId },
        ],
      })
      .fetchAll();
    return resources;
  });
}

/** @param work gets a client and the name of the service's database */
async function withCosmos<T>(
  env: Record<string, string>,
  work: (client: CosmosClient, name: string) => Promise<T>,
): Promise<T> {
  const config = loadConfig(env);
  const client = new CosmosClient({
    endpoint: config.cosmos.endpoint,
    aadCredentials: appCredential(config),
  });
  try {
    return await work(client, config.cosmos.database);
  } finally {
    client.dispose();
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** Without ids and times, and each list sorted. */
function normalised(outcome: Outcome, customer: string, serviceUrl: string): Outcome {
  const text = JSON.stringify(outcome)
    .replaceAll(UUID, '<id>')
    .replaceAll(TIME, '<time>')
    .replaceAll(serviceUrl, '<service>')
    .replaceAll(customer, '<customer>');
  const plain = JSON.parse(text) as Outcome;
  for (const list of Object.values(plain) as unknown[][]) list.sort(byText);
  return plain;
}

function byText(a: unknown, b: unknown): number {
  return compare(JSON.stringify(a), JSON.stringify(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
