/** For tests: a recording server that speaks the protocol to the operations themselves. */
import { cloudClientOperations } from '../../functions/cloud-client';
import type { Operation } from '../../shared/http/operation';
import { secureClientType } from '../../shared/identity/secure-client';
import { newId } from '../../shared/ids';
import { PackageCatalogue } from '../../shared/packages/package-catalogue';
import type { Services } from '../../shared/services';
import { call, type TestAnswer, type TestRequest } from './call';
import { MemoryBlobs, MemoryQueues, MemoryTopic } from './memory-storage';
import { CONTOSO } from './test-issuer';
import { startTestServices, type TestServices } from './test-services';

export interface RecordingServerTest extends TestServices {
  blobs: MemoryBlobs;
  queues: MemoryQueues;
  topic: MemoryTopic;
  /** The customer of the servers, by default. */
  customerId: string;
  /** Switches to a new, empty customer; starting another account would take longer. */
  newCustomer(): void;
  /** Every document of the customer in a container, as JSON text. */
  storedOf(container: string): Promise<string[]>;
  /** Sends a request of a server of the customer. */
  send(
    operationId: string,
    request?: TestRequest,
    customerId?: string,
    services?: Services,
  ): Promise<TestAnswer>;
  /** A token of a secure client, which is created where it does not exist. */
  tokenOf(clientId: string, customerId?: string): Promise<string>;
  /** Registers a machine and returns its server id. */
  register(machine?: Record<string, unknown>, customerId?: string): Promise<string>;
  /** Starts a session on the server and returns its id. */
  startSession(serverId: string, more?: Record<string, unknown>): Promise<string>;
  /** The time as the service sees it, some seconds from now. */
  time(seconds?: number): string;
}

/** A service with an empty account and storage in memory. */
export async function startRecordingServerTest(): Promise<RecordingServerTest> {
  const test = await startTestServices();
  const storage = { blobs: new MemoryBlobs(), queues: new MemoryQueues(), topic: new MemoryTopic() };
  const services: Services = {
    ...test.services,
    blobs: storage.blobs.asStore(),
    archives: storage.blobs.asArchives(),
    packages: new PackageCatalogue(() => storage.blobs.asStore(), test.clock),
    queues: storage.queues.asQueues(),
    events: storage.topic.asPublisher(),
  };
  const clients = new Set<string>();
  const time = (seconds = 0) => new Date(test.clock.now().getTime() + seconds * 1000).toISOString();
  const self: RecordingServerTest = {
    ...test,
    ...storage,
    services,
    customerId: CONTOSO,
    time,
    newCustomer: () => {
      self.customerId = newId();
      storage.queues.sent.length = 0;
    },
    storedOf: async (container) =>
      (await test.stored(container)).filter((document) => document.includes(self.customerId)),
    send: async (operationId, request = {}, customerId = self.customerId, asked = services) => {
      const token = request.token ?? (await self.tokenOf(SECURE_CLIENT, customerId));
      return call(asked, operationOf(operationId), { token, ...request });
    },
    tokenOf: async (id, customerId = self.customerId) => {
      const client = {
        id,
        name: 'Servers',
        createdAt: time(),
        createdBy: 'ada@contoso.example',
        secrets: [],
      };
      if (!clients.has(`${customerId} ${id}`))
        await services.database.control(customerId).createIfAbsent(secureClientType, client);
      clients.add(`${customerId} ${id}`);
      return services.clientTokens.issue({ customerId, id, name: client.name });
    },
    register: async (machine = {}, customerId = self.customerId) => {
      const body = { ...MACHINE, clientTime: time(), ...machine };
      return textOf((await self.send('registerServer', { body }, customerId)).body, 'serverId');
    },
    startSession: async (serverId, more = {}) => {
      const body = { serverId, sessionKey: 'logon 1', startedAt: time(), facts: ADA_AT_WORK, ...more };
      return textOf((await self.send('startSession', { body })).body, 'sessionId');
    },
  };
  return self;
}

/** The secure client of each customer's servers, by default. */
export const SECURE_CLIENT = '5ecc11e0-0000-4000-8000-000000000001';

/** What a machine with the server component reports about itself. */
export const MACHINE = {
  machineId: '7d1a5cf2-0c57-4f6b-9c8e-1b1f2f7f8a01',
  hostName: 'REC01',
  operatingSystem: 'Windows Server 2022',
  domain: 'contoso.example',
  timeZone: 'Europe/Paris',
  serverVersion: '24.2.0.100',
  clientVersion: '7.42.15010.4',
  database: { instance: 'SQL01\\RECORDING', name: 'CitrixSessionRecording' },
};

/** A session that begins somewhere in the recorded world. */
export const ADA_AT_WORK = {
  user: { name: 'CONTOSO\\ada', upn: 'ada@contoso.example', groups: [] },
  application: 'Ledger',
  machine: 'VDA07',
  clientAddress: '10.1.2.3',
  tags: [],
};

function operationOf(id: string): Operation {
  const found = cloudClientOperations.find((operation) => operation.id === id);
  if (!found) throw new Error(`the cloud client has no operation ${id}`);
  return found;
}

function textOf(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value !== 'string') throw new Error(`there is no ${field} in ${JSON.stringify(body)}`);
  return value;
}
