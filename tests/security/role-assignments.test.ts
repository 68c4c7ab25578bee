/** The roles that a deployment assigns: enough for everything that the service calls, and none of them left over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { permits, type RoleName } from '../../infra/azure/built-in-roles';
import { rolesOf } from '../../infra/azure/role-assignments';
import { type AccessRecord, ACCESS_PATH } from '../../infra/local/access/access-control';
import { playJourney } from '../../scripts/soak/journey/play-journey';
import { loadConfig } from '../../shared/config';
import { appCredential } from '../../shared/credential';
import { startService, type TestService } from '../support/service';

const folder = mkdtempSync(path.join(tmpdir(), 'roles-'));
let service: TestService;
let calls: AccessRecord[];

beforeAll(async () => {
  service = await startService();
  const journey = await playJourney({
    stack: service.stack,
    customer: 'roles',
    folder,
    operationDelaySeconds: 1,
  });
  await journey.client.stop();
  await fetch(`${service.url}/api/health`);
  calls = await recordedCalls();
}, 120_000);

afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function recordedCalls(): Promise<AccessRecord[]> {
  const response = await fetch(`${service.url}${ACCESS_PATH}`);
  return ((await response.json()) as { value: AccessRecord[] }).value;
}

const allowedBy = (roles: readonly RoleName[], { needed }: AccessRecord): boolean =>
  needed.some((permissions) => permissions.every((permission) => permits(roles, permission)));

describe('OPS-1: the roles that are assigned', () => {
  it('permit everything that the app, the host and Event Grid call', () => {
    expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
    const operations = calls.map(({ identity, operation }) => `${identity}: ${operation}`);
    // One of each kind: the table would be of no worth if nothing were recorded.
    expect(operations).toEqual(
      expect.arrayContaining([
        'app: Get User Delegation Key',
        'app: Put Block List',
        'app: Put Message',
        'app: Get Queue Metadata',
        'app: Set Secret',
        'app: Publish Events',
        'app: Query items',
        'functionsHost: Get Messages',
        'functionsHost: Delete Message',
      ]),
    );
  });

  it.each(rolesOf('app'))(
    'give the app no more than it needs: without %s a call would be refused',
    (role) => {
      const others = rolesOf('app').filter((name) => name !== role);
      const refused = calls.filter((call) => call.identity === 'app' && !allowedBy(others, call));
      expect(refused).not.toEqual([]);
    },
  );

  it('are not used by the app to make what a deployment makes', () => {
    const made = /^(Create (Container|Queue)|(POST|PUT) \/dbs)/;
    const makers = calls.filter(({ operation }) => made.test(operation)).map(({ identity }) => identity);
    expect([...new Set(makers)]).toEqual(['deployment']);
  });

  it('are enough for the health operation, which is up', async () => {
    const response = await fetch(`${service.url}/api/health`);
    expect([response.status, await response.json()]).toMatchObject([200, { status: 'up' }]);
  });
});

/** What an identity may not do in Azure, it may not do here: what is tried, and how Azure answers. */
describe('OPS-1: the app may not', () => {
  const config = () => loadConfig(service.stack.env);
  const options = { retryOptions: { maxTries: 1 } };
  const blobs = () => new BlobServiceClient(config().storage.blobEndpoint, appCredential(config()), options);
  const queues = () =>
    new QueueServiceClient(config().storage.queueEndpoint, appCredential(config()), options);
  const mismatch = { statusCode: 403, code: 'AuthorizationPermissionMismatch' };

  it('read the properties of the blob or queue service', async () => {
    await expect(blobs().getProperties()).rejects.toMatchObject(mismatch);
    await expect(queues().getProperties()).rejects.toMatchObject(mismatch);
  });

  it('make a queue, or take messages from one', async () => {
    await expect(queues().getQueueClient('another').create()).rejects.toMatchObject(mismatch);
    const queue = queues().getQueueClient('start-task');
    await expect(queue.receiveMessages()).rejects.toMatchObject(mismatch);
  });

  it('make a Cosmos container', async () => {
    const client = new CosmosClient({
      endpoint: config().cosmos.endpoint,
      aadCredentials: appCredential(config()),
    });
    const created = client.database(config().cosmos.database).containers.create({ id: 'another' });
    await expect(created).rejects.toMatchObject({ code: 403, substatus: 5300 });
    client.dispose();
  });

  it('use the keys of the storage account', async () => {
    const key = Buffer.alloc(64).toString('base64');
    const withKey = new BlobServiceClient(
      config().storage.blobEndpoint,
      new StorageSharedKeyCredential('devstoreaccount1', key),
      options,
    );
    await expect(withKey.getContainerClient('recordings').getProperties()).rejects.toMatchObject({
      statusCode: 403,
      code: 'KeyBasedAuthenticationNotPermitted',
    });
  });
});
