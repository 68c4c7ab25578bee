/** Restrictions of many recordings through the running service: a task that is followed to its end, and one that is canceled. */
import { createHash, randomUUID } from 'node:crypto';
import { BlockBlobClient } from '@azure/storage-blob';
import { newSessionId } from '../../shared/ids';
import { forEachConcurrently } from '../support/for-each-concurrently';
import { createTestCustomer, type TestCustomer } from '../support/customer-requests';
import { type Answer, type Api, eventually, startService, type TestService } from '../support/service';

interface Task {
  id: string;
  state: string;
  progress: { total: number; succeeded: number; failed: number };
}
interface Listed {
  value: { id: string; sessionId: string; restrictedBy?: { name: string } }[];
}

let service: TestService;
let customer: TestCustomer;
let administrator: Api;
const recordingIds: string[] = [];

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
  ({ administrator } = customer);
  await forEachConcurrently(
    Array.from({ length: 100 }),
    async () => void recordingIds.push(await record(customer)),
  );
}, 180_000);

afterAll(() => service?.stop());

/** A session that has ended, with one recording that was uploaded in full. */
async function record({ server, serverId }: TestCustomer): Promise<string> {
  const now = () => new Date().toISOString();
  const send = <T>(path: string, body: object) => server<T>('POST', `/api/cloud-client/v1${path}`, { body });
  const facts = { user: { name: 'CONTOSO\\bob', groups: [] }, machine: 'VDA01', tags: [] };
  const start = { serverId, sessionKey: randomUUID(), startedAt: now(), facts };
  const { sessionId } = (await send<{ sessionId: string }>('/sessions', start)).body;
  const begun = await send<{ recordingId: string; upload: { url: string } }>('/recordings', {
    sessionId,
    part: 1,
    container: 'events',
    startedAt: now(),
  });
  const { recordingId, upload } = begun.body;
  const content = Buffer.from('{"id":1}\n');
  const blockId = Buffer.from('000000').toString('base64');
  await new BlockBlobClient(upload.url).stageBlock(blockId, content, content.length);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const blocks = [{ blockId, sizeBytes: content.length, sha256 }];
  await send(`/recordings/${recordingId}/complete`, { endedAt: now(), blocks });
  await send(`/sessions/${sessionId}/end`, { endedAt: now() });
  return recordingId;
}

const taskPath = ({ status, headers }: Answer) => {
  expect(status).toBe(202);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  return headers.get('operation-location') ?? '';
};
const endOf = (path: string) =>
  eventually('the end of the task', async () => {
    const { body } = await administrator<Task>('GET', path);
    return ['NotStarted', 'Running'].includes(body.state) ? undefined : body;
  });
const count = async (path: string) => {
  const { body } = await administrator<Listed>('GET', `/api/v1/recordings${path}?top=200`);
  return body.value.length;
};

test('RCD-3: a hundred recordings are restricted by a task, and leave the list', async () => {
  const path = taskPath(
    await administrator('POST', '/api/v1/recordings/restrict', { body: { recordingIds } }),
  );
  expect(await endOf(path)).toMatchObject({
    state: 'Succeeded',
    progress: { total: 100, succeeded: 100, failed: 0 },
  });
  const results = await administrator<{ value: { outcome: string }[] }>('GET', `${path}/results?top=200`);
  expect(results.body.value.map(({ outcome }) => outcome)).toEqual(Array(100).fill('succeeded'));
  expect([await count(''), await count('/restricted')]).toEqual([0, 100]);
  const tasks = await administrator<{ value: Task[] }>('GET', '/api/v1/tasks?state=Succeeded');
  expect(tasks.body.value.map(({ id }) => path.endsWith(id))).toEqual([true]);
}, 60_000);

test('RCD-3: a task that is canceled keeps what it has done and leaves the rest', async () => {
  await fetch(`${service.url}/local/faults`, {
    method: 'POST',
    body: JSON.stringify({
      standIn: 'blob',
      method: 'PUT',
      path: '/tasks/*/results-*',
      times: null,
      effect: { do: 'delay', seconds: 1 },
    }),
  });
  const unknown = Array.from({ length: 900 }, () => newSessionId(new Date()));
  const body = { recordingIds, sessionIds: unknown };
  const path = taskPath(await administrator('POST', '/api/v1/recordings/unrestrict', { body }));
  await eventually('progress', async () => {
    const { progress } = (await administrator<Task>('GET', path)).body;
    return progress.succeeded >= 100 ? true : undefined;
  });
  const canceled = await administrator<Task>('POST', `${path}/cancel`);
  expect(canceled).toMatchObject({ status: 202, body: { state: 'Running' } });
  const ended = await endOf(path);
  expect(ended).toMatchObject({ state: 'Canceled', progress: { total: 1_000, succeeded: 100 } });
  expect(ended.progress.failed).toBeLessThan(900);
  expect([await count(''), await count('/restricted')]).toEqual([100, 0]);
  expect((await administrator('POST', `${path}/cancel`)).body).toMatchObject({ state: 'Canceled' });
}, 60_000);

test('IAM-5: a privileged player follows the own task, and no other', async () => {
  const player = await service.as({ role: 'PrivilegedPlayerAdmin', user: 'eve@contoso.example' });
  const own = taskPath(await player('POST', '/api/v1/recordings/restrict', { body: { recordingIds } }));
  expect((await player('GET', own)).status).toBe(200);
  const { body } = await player<{ value: Task[] }>('GET', '/api/v1/tasks');
  expect(body.value.map(({ id }) => own.endsWith(id))).toEqual([true]);
  const all = await administrator<{ value: Task[] }>('GET', '/api/v1/tasks');
  expect(all.body.value.length).toBeGreaterThan(2);
  const [foreign] = all.body.value.filter(({ id }) => !own.endsWith(id));
  expect((await player('GET', `/api/v1/tasks/${foreign?.id}`)).status).toBe(404);
}, 60_000);
