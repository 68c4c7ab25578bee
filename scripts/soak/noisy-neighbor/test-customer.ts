/** A customer with a site, a server, a running session and active policies. */
import { randomUUID } from 'node:crypto';
import { Connection } from '../../cloud-client/connection';
import { RetryingAdministrator } from '../journey/retrying-administrator';

export const MACHINE = 'VDA01';
/** The program whose start the rule of a customer answers. */
export const WATCHED_PROGRAM = 'watched.exe';

/** Everything that a process needs to act for the customer. */
export interface CustomerAccess {
  url: string;
  customer: string;
  siteId: string;
  sessionId: string;
  clientId: string;
  clientSecret: string;
}

/** Creates the customer's site, server, session and policies. @param responseRules one policy's, before the own one */
export async function createCustomer(
  url: string,
  customer: string,
  responseRules: readonly object[] = [],
): Promise<CustomerAccess> {
  const administrator = new RetryingAdministrator(url, customer);
  const database = { instance: 'sql01.example', name: customer };
  const { id: siteId } = await administrator.post<{ id: string }>('/sites', { name: customer, database });
  const scope = { machines: [MACHINE] };
  const watched = { dimension: 'appName', operator: 'equals', values: [WATCHED_PROGRAM] };
  const ownRule = {
    name: 'Watched program',
    scope,
    triggers: [{ eventType: 'appStart', conditions: [watched], actions: ['lockSession'] }],
  };
  await activate(administrator, siteId, 'eventDetectionPolicies', {
    name: 'Programs',
    rules: [{ name: 'Programs', scope, eventTypes: ['appStart'] }],
  });
  await activate(administrator, siteId, 'eventResponsePolicies', {
    name: 'Programs',
    rules: [ownRule, ...responseRules],
  });
  const { clientId, secret: clientSecret } = await administrator.post<{ clientId: string; secret: string }>(
    '/secureClients',
    { name: 'Servers' },
  );
  const sessionId = await startSession(new Connection(url, { clientId, clientSecret }), database);
  return { url, customer, siteId, sessionId, clientId, clientSecret };
}

async function activate(
  administrator: RetryingAdministrator,
  siteId: string,
  collection: string,
  policy: object,
): Promise<void> {
  const { id } = await administrator.post<{ id: string }>(`/sites/${siteId}/${collection}`, policy);
  await administrator.post(`/sites/${siteId}/${collection}/${id}/activate`);
}

async function startSession(connection: Connection, database: object): Promise<string> {
  const machine = {
    machineId: randomUUID(),
    hostName: 'SERVER',
    operatingSystem: 'Windows Server 2022 Datacenter',
    timeZone: 'Etc/UTC',
    serverVersion: '24.2.0.11',
    clientVersion: '7.42.15010.4',
    database,
    clientTime: new Date().toISOString(),
  };
  const { serverId } = (await connection.call<{ serverId: string }>('POST', '/servers', { body: machine }))
    .body;
  const start = {
    serverId,
    sessionKey: randomUUID(),
    startedAt: new Date().toISOString(),
    facts: { user: { name: 'CONTOSO\\alice', groups: [] }, machine: MACHINE, tags: [] },
  };
  return (await connection.call<{ sessionId: string }>('POST', '/sessions', { body: start })).body.sessionId;
}

/** A batch of events, the first of which the customer's rule answers. */
export function batchOf({ sessionId }: CustomerAccess, data: readonly object[]) {
  const time = new Date().toISOString();
  const events = [{ appName: WATCHED_PROGRAM }, ...data].map((item) => ({
    id: randomUUID(),
    type: 'appStart',
    time,
    data: item,
  }));
  return { batchId: randomUUID(), sessionId, events };
}

/** The ids of all events that were answered, as often as they are listed. */
export async function answeredEvents({ url, customer, siteId }: CustomerAccess): Promise<string[]> {
  const responses = await new RetryingAdministrator(url, customer).list<{ eventId: string }>(
    `/sites/${siteId}/responses?top=200`,
  );
  return responses.map(({ eventId }) => eventId);
}
