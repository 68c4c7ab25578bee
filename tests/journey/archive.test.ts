/** A recording is restricted, archived, held and deleted through the running service; its bytes are where they should be. */
import { createHash, randomUUID } from 'node:crypto';
import { BlockBlobClient } from '@azure/storage-blob';
import { tenantIdOf } from '../../infra/local/azure/login/directory-ids';
import { ARCHIVE_CONTAINER } from '../../shared/blobs/blob-containers';
import { type BlobStore, openBlobStore } from '../../shared/blobs/blob-store';
import { systemClock } from '../../shared/clock';
import { loadConfig } from '../../shared/config';
import { appCredential } from '../../shared/credential';
import { createTestCustomer, type TestCustomer } from '../support/customer-requests';
import { type Answer, type Api, eventually, startService, type TestService } from '../support/service';

interface Recording {
  id: string;
  state: string;
  archiveLocation?: string;
  heldAt?: string;
  heldBy?: { name: string };
  holdReason?: string;
}
interface Task {
  state: string;
  progress: { succeeded: number; failed: number };
}

const PATH = '/api/v1/recordings';
const CONTENT = Buffer.from('{"id":1}\n{"id":2}\n');

let service: TestService;
let customer: TestCustomer;
let administrator: Api;
let reader: Api;
let blobs: BlobStore;

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
  ({ administrator } = customer);
  reader = await service.as({ role: 'ReadOnlyAdmin', user: 'eve@contoso.example' });
  const config = loadConfig(service.stack.env);
  blobs = openBlobStore(config, appCredential(config), systemClock);
}, 120_000);

afterAll(() => service?.stop());

/** A session that has ended, with one recording that was uploaded and verified. */
async function record(): Promise<string> {
  const { server, serverId } = customer;
  const now = () => new Date().toISOString();
  const send = <T>(path: string, body: object) => server<T>('POST', `/api/cloud-client/v1${path}`, { body });
  const facts = { user: { name: 'CONTOSO\\bob', groups: [] }, machine: 'VDA01', tags: [] };
  const start = { serverId, sessionKey: randomUUID(), startedAt: now(), facts };
  const { sessionId } = (await send<{ sessionId: string }>('/sessions', start)).body;
  const begin = { sessionId, part: 1, container: 'events', startedAt: now() };
  const begun = await send<{ recordingId: string; upload: { url: string } }>('/recordings', begin);
  const { recordingId, upload } = begun.body;
  const blockId = Buffer.from('000000').toString('base64');
  await new BlockBlobClient(upload.url).stageBlock(blockId, CONTENT, CONTENT.length);
  const sha256 = createHash('sha256').update(CONTENT).digest('hex');
  const blocks = [{ blockId, sizeBytes: CONTENT.length, sha256 }];
  await send(`/recordings/${recordingId}/complete`, { endedAt: now(), blocks });
  await send(`/sessions/${sessionId}/end`, { endedAt: now() });
  await eventually('the verification', async () =>
    (await show(recordingId)).body.state === 'complete' ? true : undefined,
  );
  return recordingId;
}

const show = (id: string, as = administrator) => as<Recording>('GET', `${PATH}/${id}`);
const ask = (what: string, id: string, more: object = {}) =>
  administrator<{ detail?: string; errors?: { detail: string }[] }>('POST', `${PATH}/${what}`, {
    body: { recordingIds: [id], ...more },
  });
const idsOf = async (query: string, as = administrator) => {
  const { body } = await as<{ value: Recording[] }>('GET', `${PATH}${query}`);
  return body.value.map(({ id }) => id);
};
const conflict = ({ status, body }: Answer<{ errors?: { detail: string }[] }>) => ({
  status,
  detail: body.errors?.[0]?.detail,
});

async function endOf(answer: Answer<unknown>) {
  expect(answer.status).toBe(202);
  const path = answer.headers.get('operation-location') ?? '';
  const task = await eventually('the end of the task', async () => {
    const { body } = await administrator<Task>('GET', path);
    return ['NotStarted', 'Running'].includes(body.state) ? undefined : body;
  });
  const results = await administrator<{ value: { item: string; detail?: string }[] }>(
    'GET',
    `${path}/results`,
  );
  return { ...task, results: results.body.value };
}

test('MNG-1, MNG-4: restricted, archived, held, released and deleted, with the file kept', async () => {
  const id = await record();
  const name = `${tenantIdOf('contoso')}/${id}.ndjson`;

  expect((await ask('restrict', id)).status).toBe(200);
  expect((await show(id, reader)).status).toBe(404);
  expect(await idsOf('', reader)).not.toContain(id);
  expect((await reader('GET', `${PATH}/restricted`)).status).toBe(403);
  expect(conflict(await ask('archive', id))).toMatchObject({
    status: 409,
    detail: expect.stringContaining('restricted') as string,
  });
  expect((await ask('unrestrict', id)).status).toBe(200);

  expect(await endOf(await ask('archive', id))).toMatchObject({ state: 'Succeeded' });
  expect((await show(id)).body).toMatchObject({ state: 'archived', archiveLocation: 'archive' });
  expect((await blobs.get(ARCHIVE_CONTAINER, name))?.equals(CONTENT)).toBe(true);
  expect(await blobs.get('recordings', name)).toBeUndefined();
  expect(await idsOf('')).not.toContain(id);
  expect(await idsOf('?state=archived')).toContain(id);

  expect((await ask('hold', id, { reason: 'Case 7' })).status).toBe(200);
  expect((await show(id)).body).toMatchObject({ holdReason: 'Case 7', heldAt: expect.any(String) as string });
  expect(conflict(await ask('delete', id))).toMatchObject({
    status: 409,
    detail: expect.stringContaining('legal hold') as string,
  });
  expect((await ask('release', id)).status).toBe(200);
  expect((await show(id)).body.heldAt).toBeUndefined();

  const deleted = await endOf(await ask('delete', id));
  expect(deleted).toMatchObject({
    state: 'Succeeded',
    results: [{ item: id, detail: `Its file was kept: archive: ${ARCHIVE_CONTAINER}/${name}` }],
  });
  expect((await blobs.get(ARCHIVE_CONTAINER, name))?.equals(CONTENT)).toBe(true);
  expect(await idsOf('?state=archived')).not.toContain(id);
}, 60_000);

test('MNG-1: deleted with its file, and never recorded again', async () => {
  const id = await record();
  expect(await endOf(await ask('delete', id, { deleteFiles: true }))).toMatchObject({ state: 'Succeeded' });
  expect(await blobs.namesOf('recordings', `${tenantIdOf('contoso')}/${id}`)).toEqual([]);
  expect(await idsOf('')).not.toContain(id);
  const again = {
    sessionId: id.slice(0, 36),
    part: 1,
    container: 'events',
    startedAt: new Date().toISOString(),
  };
  const begun = await customer.server('POST', '/api/cloud-client/v1/recordings', { body: again });
  expect(begun.status).toBe(404);
}, 60_000);

test('MNG-1: a copy that is refused half-way goes on when storage is back', async () => {
  const id = await record();
  const fault = {
    standIn: 'blob',
    method: 'PUT',
    path: `/${ARCHIVE_CONTAINER}/*`,
    times: 3,
    effect: { do: 'refuse', status: 503 },
  };
  await fetch(`${service.url}/local/faults`, { method: 'POST', body: JSON.stringify(fault) });
  expect(await endOf(await ask('archive', id))).toMatchObject({ state: 'Succeeded' });
  expect((await show(id)).body.state).toBe('archived');
}, 60_000);
