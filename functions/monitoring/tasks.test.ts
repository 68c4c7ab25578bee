/** Operations of tasks: who sees which, filters and pages, results, cancellation. */
import { newId } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { createTask } from '../../shared/tasks/create-task';
import type { TaskKind } from '../../shared/tasks/task-kind';
import { lineLog } from '../../shared/telemetry/telemetry';
import { call, type TestRequest } from '../../tests/support/call';
import { auditLog } from '../../tests/support/logs';
import { MemoryBlobs, MemoryQueues } from '../../tests/support/memory-storage';
import { runTaskByHand, sampleKind } from '../../tests/support/sample-tasks';
import { ADA, CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { taskOperations } from './operations';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const BOB = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const PLAYER = { roles: ['SessionRecording.PrivilegedPlayerAdmin'] };

let test: TestServices;
let services: Services;
let token: string;

beforeEach(async () => {
  test = await startTestServices();
  services = { ...test.services, blobs: new MemoryBlobs().asStore(), queues: new MemoryQueues().asQueues() };
  token = await test.issuer.token();
});
afterEach(() => test.close());

async function send(id: string, request: TestRequest = {}) {
  const operation = taskOperations([kind, otherKind]).find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(services, operation, { token, ...request });
}

async function create(kind: TaskKind, { by = ADA, count = 2, customerId = CONTOSO } = {}): Promise<string> {
  test.clock.advanceSeconds(1);
  const { name: title } = kind;
  const given = {
    id: newId(),
    title,
    initiator: { id: by, name: by, kind: 'fullAdmin' },
    request: { traceId: 'trace', clientAddress: '10.0.0.1' },
    customerId,
    kind,
    items: Array.from({ length: count }, (_, index) => `item ${index}`),
  };
  await createTask(
    services,
    lineLog(() => undefined),
    given,
    (changes) => services.database.control(customerId).commit(changes),
  );
  return given.id;
}

const { kind } = sampleKind();
const otherKind = { ...kind, name: 'other' };
const run = (taskId: string) => runTaskByHand(services, [kind, otherKind], { customerId: CONTOSO, taskId });
const idsOf = (answer: { body: Record<string, unknown> }) =>
  (answer.body['value'] as { id: string }[]).map(({ id }) => id);

it('lists tasks newest first, in pages that stay as they are while tasks are added', async () => {
  const ids = [];
  for (let n = 0; n < 5; n++) ids.unshift(await create(kind));
  const first = await send('listTasks', { query: '?top=3' });
  expect(idsOf(first)).toEqual(ids.slice(0, 3));
  await create(kind);
  const query = new URL(String(first.body['nextLink'])).search;
  const second = await send('listTasks', { query });
  expect(idsOf(second)).toEqual(ids.slice(3));
  expect(second.body['nextLink']).toBeUndefined();
});

it('lists the tasks of a state and of a kind', async () => {
  const [done, waiting, other] = [await create(kind), await create(kind), await create(otherKind)];
  await run(done);
  expect(idsOf(await send('listTasks', { query: '?state=Succeeded' }))).toEqual([done]);
  expect(idsOf(await send('listTasks', { query: '?state=NotStarted&kind=sample' }))).toEqual([waiting]);
  expect(idsOf(await send('listTasks', { query: '?kind=other' }))).toEqual([other]);
  expect((await send('listTasks', { query: '?state=running' })).status).toBe(400);
  const unknown = await send('listTasks', { query: '?kind=Sample' });
  expect(unknown).toMatchObject({ status: 400 });
  expect(JSON.stringify(unknown.body)).toMatch(/sample.*other/);
});

it('IAM-5: shows full administrators all tasks, privileged players their own, read-only ones none', async () => {
  const [adas, bobs] = [await create(kind), await create(kind, { by: BOB })];
  const bob = await test.issuer.token({ ...PLAYER, oid: BOB });
  expect(idsOf(await send('listTasks'))).toEqual([bobs, adas]);
  expect(idsOf(await send('listTasks', { token: bob }))).toEqual([bobs]);
  for (const id of ['getTask', 'listTaskResults', 'cancelTask']) {
    expect((await send(id, { token: bob, params: { id: adas } })).status).toBe(404);
  }
  expect((await send('getTask', { token: bob, params: { id: bobs } })).status).toBe(200);
  const reader = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
  expect((await send('listTasks', { token: reader })).status).toBe(403);
  expect((await send('getTask', { token: reader, params: { id: adas } })).status).toBe(403);
});

it('IAM-1: hides the tasks of another customer', async () => {
  const id = await create(kind);
  const foreign = await test.issuer.token({ tid: FABRIKAM, iss: `https://login.test/${FABRIKAM}/v2.0` });
  expect((await send('getTask', { token: foreign, params: { id } })).status).toBe(404);
  expect(idsOf(await send('listTasks', { token: foreign }))).toEqual([]);
});

it('shows a task with its progress, and when to ask again until it ends', async () => {
  const id = await create(kind);
  const waiting = await send('getTask', { params: { id } });
  expect(waiting.headers['retry-after']).toBe('2');
  expect(waiting.body).toMatchObject({ state: 'NotStarted', isCancelable: true, initiator: { id: ADA } });
  await run(id);
  const ended = await send('getTask', { params: { id } });
  expect(ended.headers['retry-after']).toBeUndefined();
  expect(ended.body).toMatchObject({
    state: 'Succeeded',
    isCancelable: false,
    progress: { total: 2, succeeded: 2, failed: 0 },
    log: [{ text: 'Started.' }, { text: 'Succeeded: 2 succeeded, 0 failed.' }],
  });
  expect(ended.text).not.toMatch(/clientAddress|10\.0\.0\.1/);
});

it('lists the results of a task in the order of its items, page by page', async () => {
  const id = await create(kind, { count: 60 });
  expect(idsOf(await send('listTaskResults', { params: { id } }))).toEqual([]);
  await run(id);
  const found: unknown[] = [];
  let query: string | undefined = '?top=7';
  while (query !== undefined) {
    const { body } = await send('listTaskResults', { params: { id }, query });
    found.push(...(body['value'] as { item: string }[]).map(({ item }) => item));
    const next = body['nextLink'] as string | undefined;
    query = next && new URL(next).search;
  }
  expect(found).toEqual(Array.from({ length: 60 }, (_, index) => `item ${index}`));
});

describe('a cancellation', () => {
  it('is logged once, repeated without effect, and refused for what has ended', async () => {
    const id = await create(kind, { count: 300 });
    const answers = await Promise.all([1, 2, 3].map(() => send('cancelTask', { params: { id } })));
    for (const { status, body } of answers) expect([status, body['state']]).toEqual([202, 'Canceled']);
    expect(await auditLog(services)).toMatchObject([{ action: 'task.cancel', target: { type: 'task', id } }]);
    await run(id);
    expect((await send('getTask', { params: { id } })).body['state']).toBe('Canceled');

    const done = await create(kind);
    await run(done);
    expect(await send('cancelTask', { params: { id: done } })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  it('is refused for a kind that cannot be canceled', async () => {
    const id = await create({ ...kind, isCancelable: false });
    expect((await send('getTask', { params: { id } })).body['isCancelable']).toBe(false);
    expect((await send('cancelTask', { params: { id } })).status).toBe(409);
  });
});
