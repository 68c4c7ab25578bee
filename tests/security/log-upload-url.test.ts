/** A server's logs, against the running service: what its upload URL permits, and the way to the download. */
import { createHash } from 'node:crypto';
import { BlockBlobClient } from '@azure/storage-blob';
import { createTestCustomer, type TestCustomer } from '../support/customer-requests';
import { validRequest } from '../support/valid-requests';
import { eventually, startService, type TestService } from '../support/service';

let service: TestService;
let customer: TestCustomer;

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
}, 120_000);
afterAll(() => service.stop());

const LOG = Buffer.from('the logs of IIS');

interface UploadCommand {
  id: string;
  parameters: { url: string };
}

const statusOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 200,
    ({ statusCode }: { statusCode?: number }) => statusCode,
  );

test('TRB-3: the upload URL creates this one blob, once, and permits nothing else', async () => {
  const { serverId, server, administrator } = customer;
  const { body } = await validRequest('requestLogUpload', customer);
  const uploads = `/api/v1/servers/${serverId}/logUploads`;
  const requested = await administrator<{ id: string }>('POST', uploads, { body });
  expect(requested.status).toBe(202);
  const commands = `/api/cloud-client/v1/servers/${serverId}/commands`;
  const fetched = await server<{ value: UploadCommand[] }>('GET', commands);
  const [command] = fetched.body.value;
  if (!command) throw new Error('there is no command');

  const { url } = command.parameters;
  const blob = new BlockBlobClient(url);
  const another = new BlockBlobClient(url.replace(requested.body.id, crypto.randomUUID()));
  expect(await statusOf(another.upload(LOG, LOG.length))).toBe(403);
  await blob.upload(LOG, LOG.length);
  expect(await statusOf(blob.upload('other', 5))).toBeGreaterThanOrEqual(403);
  expect(await statusOf(blob.download())).toBe(403);
  expect(await statusOf(blob.delete())).toBe(403);

  const sha256 = createHash('sha256').update(LOG).digest('hex');
  const data = { kind: 'uploadLog', sizeBytes: LOG.length, sha256 };
  const result = await server('POST', `${commands}/${command.id}/result`, {
    body: { status: 'succeeded', data },
  });
  expect(result.status).toBe(204);
  const download = await eventually('the verified upload', async () => {
    const shown = await administrator<{ download?: { url: string } }>(
      'GET',
      `${uploads}/${requested.body.id}`,
    );
    return shown.body.download;
  });
  expect(await new BlockBlobClient(download.url).downloadToBuffer()).toEqual(LOG);
  expect(await statusOf(new BlockBlobClient(download.url).upload('other', 5))).toBe(403);
  const task = await administrator('GET', `/api/v1/tasks/${requested.body.id}`);
  expect(task.body).toMatchObject({ kind: 'uploadLog', result: data });
}, 90_000);
