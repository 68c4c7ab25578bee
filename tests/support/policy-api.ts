/** For tests: the policies' operations over the Cosmos gateway and blobs in memory, with two sites of Contoso. */
import { policyOperations } from '../../functions/policies/operations';
import { type Server, serverType } from '../../functions/servers/server';
import { templateOperations } from '../../functions/trigger-templates/operations';
import { siteCreation } from '../../functions/sites';
import type { AuditEntry } from '../../shared/audit/audit-entry';
import type { Services } from '../../shared/services';
import { call, type TestAnswer, type TestRequest } from './call';
import { auditLog } from './logs';
import { MemoryBlobs } from './memory-storage';
import { CONTOSO } from './test-issuer';
import { startTestServices, type TestServices } from './test-services';

export const SITE = '019bc17a-0000-7000-8000-000000000001';
export const OTHER_SITE = '019bc17a-0000-7000-8000-000000000002';

export interface PolicyApi {
  test: TestServices;
  services: Services;
  blobs: MemoryBlobs;
  /** Calls an operation as a full admin of Contoso, at the first site unless `params` say otherwise. */
  send(operationId: string, request?: TestRequest): Promise<TestAnswer>;
  /** Creates a policy of a kind such as `Recording` and returns its id. */
  create(kind: string, body: object): Promise<string>;
  /** A recording server of this version joins the site. */
  addServer(serverVersion: string, siteId?: string): Promise<void>;
  /** The administrator log, oldest first. */
  log(): Promise<AuditEntry[]>;
}

export async function startPolicyApi(): Promise<PolicyApi> {
  const test = await startTestServices();
  const blobs = new MemoryBlobs();
  const services = { ...test.services, blobs: blobs.asStore() };
  const token = await test.issuer.token();
  const control = services.database.control(CONTOSO);
  const createdAt = '2030-01-01T00:00:00.000Z';
  for (const id of [SITE, OTHER_SITE]) {
    const site = { id, name: `Site ${id}`, description: '', origin: 'created' as const, createdAt };
    await control.commit(siteCreation(site));
  }
  const send = async (id: string, { params, ...request }: TestRequest = {}) => {
    const operation = [...policyOperations, ...templateOperations].find((item) => item.id === id);
    if (!operation) throw new Error(`Unknown operation ${id}`);
    return call(services, operation, { token, params: { siteId: SITE, ...params }, ...request });
  };
  return {
    test,
    services,
    blobs,
    send,
    create: async (kind, body) => {
      const answer = await send(`create${kind}Policy`, { body });
      if (answer.status !== 201) throw new Error(`the policy was refused: ${answer.text}`);
      return String(answer.body['id']);
    },
    addServer: async (serverVersion, siteId = SITE) => {
      await control.create(serverType, server(serverVersion, siteId));
    },
    log: () => auditLog(services),
  };
}

function server(serverVersion: string, siteId: string): Server {
  const then = '2030-01-01T00:00:00.000Z';
  return {
    id: `019bc17a-0000-7000-8000-0000${serverVersion.replaceAll('.', '').padStart(8, '0')}`,
    machineId: `machine of ${serverVersion}`,
    siteId,
    hostName: 'REC01',
    description: '',
    operatingSystem: 'Windows Server 2022',
    timeZone: 'Europe/Paris',
    serverVersion,
    clientVersion: '7.42.15010.4',
    status: 'available',
    statusSince: then,
    registeredAt: then,
    lastSeenAt: then,
  };
}
