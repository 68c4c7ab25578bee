/** A site with a response policy, a server and its sessions, at a running service: for tests and benchmarks of responses. */
import { randomUUID } from 'node:crypto';
import type { SessionEvent } from '../../functions/policies/engine';
import { Connection } from '../cloud-client/connection';
import { AdministratorApi } from '../demo/administrator';

/** The machine of all sessions, for scopes. */
export const MACHINE = 'VDA01';

/** As `GET /sites/{siteId}/responses` lists it. */
export interface ListedResponse {
  eventId: string;
  policyVersion: number;
  ruleName: string;
  actions: {
    kind: string;
    state: string;
    reason?: string;
    attempts: number;
    sentAt?: string;
    finishedAt?: string;
    commandId?: string;
  }[];
}

interface Delivered {
  receivedEvents: number;
  publishedEvents: number;
}

export class RecordingSite {
  private constructor(
    /** As the local issuer knows it. */
    readonly customer: string,
    readonly administrator: AdministratorApi,
    private readonly connection: Connection,
    readonly siteId: string,
    readonly serverId: string,
    readonly sessionIds: readonly string[],
  ) {}

  /**
   * Creates a site of a new customer, with this response policy active and the given number of sessions on `MACHINE`.
   * @param policy as the API takes it
   */
  static async open(serviceUrl: string, policy: object, sessions: number): Promise<RecordingSite> {
    const customer = `site-${randomUUID()}`;
    const administrator = await AdministratorApi.signIn(serviceUrl, customer);
    const database = { instance: 'sql01.site.example', name: 'Recordings' };
    const site = await administrator.call<{ id: string }>('POST', '/sites', { name: 'Site', database });
    const client = await administrator.call<{ clientId: string; secret: string }>('POST', '/secureClients', {
      name: 'Servers',
    });
    const { clientId, secret: clientSecret } = client.body;
    const connection = new Connection(serviceUrl, { clientId, clientSecret });
    const serverId = await register(connection, database);
    const sessionIds: string[] = [];
    const opened = new RecordingSite(customer, administrator, connection, site.body.id, serverId, sessionIds);
    // First, since a site caches its policies for some seconds.
    await opened.activate(policy);
    for (let index = 0; index < sessions; index += 1)
      sessionIds.push(await startSession(connection, serverId, index));
    return opened;
  }

  /** The same site, with the deliveries of its server going to another instance of the service. */
  servedBy(serviceUrl: string): RecordingSite {
    const connection = this.connection.to(serviceUrl);
    const { customer, administrator, siteId, serverId, sessionIds } = this;
    return new RecordingSite(customer, administrator, connection, siteId, serverId, sessionIds);
  }

  /** Creates and activates a response policy; returns its id. */
  async activate(policy: object): Promise<string> {
    const base = `/sites/${this.siteId}/eventResponsePolicies`;
    const { body } = await this.administrator.call<{ id: string }>('POST', base, policy);
    await this.administrator.call('POST', `${base}/${body.id}/activate`);
    return body.id;
  }

  /** Delivers one batch; resolves when the service has acknowledged it. The same batch id means the same batch. */
  async deliver(
    sessionId: string,
    events: readonly SessionEvent[],
    batchId: string = randomUUID(),
  ): Promise<Delivered> {
    const { body } = await this.connection.call<Delivered>('POST', '/events', {
      body: { sessionId, batchId, events },
      gzip: true,
    });
    return body;
  }

  /** Starts another session on `MACHINE` and returns its id. */
  startSession(): Promise<string> {
    return startSession(this.connection, this.serverId, randomUUID());
  }

  async endSession(sessionId: string): Promise<void> {
    await this.connection.call('POST', `/sessions/${sessionId}/end`, {
      body: { endedAt: new Date().toISOString() },
    });
  }

  /** The responses to events so far, newest first. */
  responses(): Promise<ListedResponse[]> {
    return this.administrator.list<ListedResponse>(`/sites/${this.siteId}/responses?top=200`);
  }
}

async function register(connection: Connection, database: object): Promise<string> {
  const { body } = await connection.call<{ serverId: string }>('POST', '/servers', {
    body: {
      machineId: randomUUID(),
      hostName: 'SITE-SR01',
      operatingSystem: 'Windows Server 2022 Datacenter',
      timeZone: 'Europe/Paris',
      serverVersion: '24.2.0.11',
      clientVersion: '7.42.15010.4',
      database,
      clientTime: new Date().toISOString(),
    },
  });
  return body.serverId;
}

async function startSession(
  connection: Connection,
  serverId: string,
  index: number | string,
): Promise<string> {
  const { body } = await connection.call<{ sessionId: string }>('POST', '/sessions', {
    body: {
      serverId,
      sessionKey: `logon ${index}`,
      startedAt: new Date().toISOString(),
      facts: { user: { name: `SITE\\user${index}`, groups: [] }, machine: MACHINE, tags: [] },
    },
  });
  return body.sessionId;
}
