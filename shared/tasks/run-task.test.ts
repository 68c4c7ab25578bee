/** Tasks from their creation to their end over a real database in memory, with crashes between every two steps. */
import { CONTOSO } from '../../tests/support/test-issuer';
import { MemoryBlobs, MemoryQueues } from '../../tests/support/memory-storage';
import { Killed, runTaskByHand, sampleKind } from '../../tests/support/sample-tasks';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { newId } from '../ids';
import { Problem } from '../problem';
import type { Services } from '../services';
import { lineLog } from '../telemetry/telemetry';
import { createTask } from './create-task';
import { dropTaskStart, resumeTasks, startTask } from './start-task';
import { requestCancel, type Task } from './task';
import type { TaskKind } from './task-kind';
import { listResults, type TaskRef } from './task-pages';
import { changeTask, readTask } from './task-steps';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const log = lineLog(() => undefined);
const BY = { id: 'ada', name: 'Ada' };

let test: TestServices;
let blobs: MemoryBlobs;
let queues: MemoryQueues;
let services: Services;

beforeEach(async () => {
  test = await startTestServices();
  blobs = new MemoryBlobs();
  queues = new MemoryQueues();
  services = { ...test.services, blobs: blobs.asStore(), queues: queues.asQueues() };
});
afterEach(() => test.close());

const items = (count: number) => Array.from({ length: count }, (_, index) => `item ${index}`);

async function create(kind: TaskKind, count: number, id = newId()): Promise<TaskRef> {
  const ref = { customerId: CONTOSO, taskId: id };
  const initiator = { ...BY, kind: 'fullAdmin' };
  const request = { traceId: 'trace', clientAddress: '10.0.0.1' };
  const given = { id, title: 'Sample', initiator, request, customerId: CONTOSO, kind, items: items(count) };
  await createTask(services, log, given, (changes) => services.database.control(CONTOSO).commit(changes));
  return ref;
}

const stateOf = async (ref: TaskRef): Promise<Task> => {
  const task = await readTask(services, ref);
  if (!task) throw new Error('there is no task');
  return task;
};
const resultsOf = async (ref: TaskRef) => {
  const { pages } = await stateOf(ref);
  return (await listResults(services, ref, { pages, first: 0, limit: 10_000 })).map(({ result }) => result);
};
const run = (kind: TaskKind, ref: TaskRef, options?: Parameters<typeof runTaskByHand>[3]) =>
  runTaskByHand(services, [kind], ref, options);

it('works through all items, keeps a result of each, and counts them', async () => {
  const { kind, done } = sampleKind((item) => {
    if (item === 'item 33') throw new Problem('conflict', 'It is live.');
  });
  const ref = await create(kind, 60);
  expect(await stateOf(ref)).toMatchObject({ state: 'NotStarted', total: 60, pages: 3 });
  await run(kind, ref);
  expect(await stateOf(ref)).toMatchObject({ state: 'Failed', counts: { succeeded: 59, failed: 1 } });
  const results = await resultsOf(ref);
  expect(results.map(({ item }) => item)).toEqual(items(60));
  expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([
    { item: 'item 33', outcome: 'failed', code: 'conflict', detail: 'It is live.' },
  ]);
  expect([...done.values()]).toEqual(Array(59).fill(1));
});

it('is kept for 90 days after its end, and without limit before', async () => {
  const { kind } = sampleKind();
  const ref = await create(kind, 1);
  const ttl = async () =>
    (JSON.parse((await test.stored('control'))[0] ?? '{}') as { ttl?: number }).ttl ?? -1;
  expect(await ttl()).toBe(-1);
  await run(kind, ref);
  expect(await ttl()).toBe(90 * 86_400);
});

it('begins its history anew after some rounds, with the counts so far', async () => {
  const { kind, done } = sampleKind();
  const ref = await create(kind, 25 * 4 * 25 + 30);
  const called = await run(kind, ref);
  expect(called.filter((name) => name === 'beginTask')).toHaveLength(2);
  expect(await stateOf(ref)).toMatchObject({ state: 'Succeeded', counts: { succeeded: 2_530, failed: 0 } });
  expect(done.size).toBe(2_530);
});

it('tries a page again after an error that is not about its items, and gives up after five attempts', async () => {
  let failures = 3;
  const shaky = sampleKind((item) => {
    if (item === 'item 7' && failures-- > 0) throw new Error('the database is busy');
  });
  const ref = await create(shaky.kind, 10);
  await run(shaky.kind, ref);
  expect(await stateOf(ref)).toMatchObject({ state: 'Succeeded', counts: { succeeded: 10 } });

  const broken = sampleKind((item) => {
    if (item === 'item 30') throw new Problem('unavailable', 'Busy.');
  });
  const other = await create(broken.kind, 50);
  await run(broken.kind, other);
  expect(await stateOf(other)).toMatchObject({
    state: 'Failed',
    counts: { succeeded: 25, failed: 0 },
    error: 'Some items could not be worked on in several attempts.',
  });
  expect(await resultsOf(other)).toHaveLength(25);
});

describe('a cancellation', () => {
  const cancel = (ref: TaskRef) => changeTask(services, ref, (task, now) => requestCancel(task, BY, now));

  it('stops the work between pages and keeps what was done', async () => {
    const { kind, done } = sampleKind();
    const ref = await create(kind, 300);
    let pages = 0;
    await run(kind, ref, {
      around: async (moment, { name }) => {
        if (moment === 'after' && name === 'workOnTaskPage' && ++pages === 4) await cancel(ref);
      },
    });
    expect(await stateOf(ref)).toMatchObject({ state: 'Canceled', counts: { succeeded: 100, failed: 0 } });
    expect(done.size).toBe(100);
    expect(await resultsOf(ref)).toHaveLength(100);
  });

  it('comes too late when every item is done', async () => {
    const { kind } = sampleKind();
    const ref = await create(kind, 25);
    await run(kind, ref, {
      around: async (moment, { name }) => {
        if (moment === 'after' && name === 'workOnTaskPage') await cancel(ref);
      },
    });
    expect(await stateOf(ref)).toMatchObject({ state: 'Succeeded', counts: { succeeded: 25 } });
  });

  it('of a task that was not begun has nothing done, also when it is begun at the same time', async () => {
    const { kind, done } = sampleKind();
    const ref = await create(kind, 25);
    await run(kind, ref, {
      around: async (moment, { name }) => {
        if (moment === 'before' && name === 'beginTask') await cancel(ref);
      },
    });
    expect(await stateOf(ref)).toMatchObject({ state: 'Canceled', counts: { succeeded: 0 } });
    expect(done.size).toBe(0);

    const other = await create(kind, 50);
    await Promise.all([run(kind, other), cancel(other)]);
    expect(['Canceled', 'Succeeded']).toContain((await stateOf(other)).state);
  });
});

describe('after a crash', () => {
  const moments = ['beginTask', 'workOnTaskPage', 'recordTaskProgress', 'endTask'].flatMap((name) =>
    (['before', 'after'] as const).map((moment) => [moment, name] as const),
  );

  it.each(moments)('%s %s it goes on, and does no page again that has its results', async (moment, name) => {
    const { kind, done } = sampleKind();
    const ref = await create(kind, 130);
    let killed = false;
    const around = (at: string, call: { name: string }) => {
      if (killed || at !== moment || call.name !== name) return;
      killed = true;
      throw new Killed();
    };
    await expect(run(kind, ref, { around })).rejects.toThrow(Killed);
    await run(kind, ref);
    expect(await stateOf(ref)).toMatchObject({ state: 'Succeeded', counts: { succeeded: 130, failed: 0 } });
    expect(await resultsOf(ref)).toHaveLength(130);
    expect([...done.values()]).toEqual(Array(130).fill(1));
  });

  it('with items done and no result recorded, the items are done again and recorded once', async () => {
    const { kind, done } = sampleKind();
    const ref = await create(kind, 25);
    const putOnce = blobs.putOnce.bind(blobs);
    jest.spyOn(blobs, 'putOnce').mockImplementation(async (container, name, content) => {
      if (name.includes('results')) throw new Killed();
      return putOnce(container, name, content);
    });
    await expect(run(kind, ref)).rejects.toThrow(Killed);
    jest.restoreAllMocks();
    await run(kind, ref);
    expect(await stateOf(ref)).toMatchObject({ state: 'Succeeded', counts: { succeeded: 25 } });
    expect([...done.values()]).toEqual(Array(25).fill(2));
    expect(await resultsOf(ref)).toHaveLength(25);
  });

  it('two runs at once end with one result of each item and the right counts', async () => {
    const { kind } = sampleKind();
    const ref = await create(kind, 130);
    await Promise.all([run(kind, ref), run(kind, ref)]);
    expect(await stateOf(ref)).toMatchObject({ state: 'Succeeded', counts: { succeeded: 130, failed: 0 } });
    expect(await resultsOf(ref)).toHaveLength(130);
  });
});

describe('its start', () => {
  const starting = () => ({
    startNew: jest.fn(async () => 'id'),
    getStatus: jest.fn(async (): Promise<never> => Promise.reject(new Error('404'))),
  });

  it('is queued when it is created, and has the id of the task', async () => {
    const { kind } = sampleKind();
    const ref = await create(kind, 1);
    expect(queues.sent).toEqual([{ queue: 'start-task', message: ref }]);
    const client = starting();
    await startTask(services, ref, client);
    expect(client.startNew).toHaveBeenCalledWith('runTask', { instanceId: ref.taskId, input: ref });
  });

  it('is found by the sweep when the message was never sent', async () => {
    const { kind } = sampleKind();
    queues.beforeSend = () => {
      throw new Error('the queue is down');
    };
    const ref = await create(kind, 1);
    await resumeTasks(services, log);
    test.clock.advanceSeconds(60);
    await resumeTasks(services, log);
    queues.beforeSend = () => undefined;
    expect(queues.sent).toEqual([]);
    await resumeTasks(services, log);
    expect(queues.sent).toEqual([{ queue: 'start-task', message: ref }]);
    await resumeTasks(services, log);
    expect(queues.sent).toHaveLength(1);
  });

  it('is repeated by the sweep when the message was lost, for a day', async () => {
    const { kind } = sampleKind();
    const ref = await create(kind, 1);
    await dropTaskStart(undefined, ref, log);
    for (let minute = 1; minute <= 3; minute++) {
      test.clock.advanceSeconds(60);
      await resumeTasks(services, log);
    }
    expect(queues.sent).toHaveLength(4);
    test.clock.advanceSeconds(86_400);
    await resumeTasks(services, log);
    expect(queues.sent).toHaveLength(4);
    expect(await stateOf(ref)).toMatchObject({
      state: 'Failed',
      error: expect.stringContaining('given up') as string,
    });
  });

  it('is repeated when the orchestration of a running task has died', async () => {
    const { kind } = sampleKind();
    const ref = await create(kind, 50);
    const around = (_at: string, { name }: { name: string }) => {
      if (name === 'recordTaskProgress') throw new Killed();
    };
    await expect(run(kind, ref, { around })).rejects.toThrow(Killed);
    test.clock.advanceSeconds(900);
    await resumeTasks(services, log);
    expect(queues.sent).toHaveLength(2);
    await run(kind, ref);
    expect(await stateOf(ref)).toMatchObject({ state: 'Succeeded', counts: { succeeded: 50 } });
  });

  it('leaves alone what runs or has ended, and fails when nothing can be seen', async () => {
    const { kind } = sampleKind();
    const ref = await create(kind, 1);
    const refused = { ...starting(), startNew: jest.fn(async () => Promise.reject(new Error('409'))) };
    await startTask(services, ref, { ...refused, getStatus: async () => ({}) as never });
    await expect(startTask(services, ref, refused)).rejects.toThrow('409');
    await run(kind, ref);
    const client = starting();
    await startTask(services, ref, client);
    await startTask(services, { ...ref, taskId: newId() }, client);
    expect(client.startNew).not.toHaveBeenCalled();
  });
});

it('is created once by a request that is repeated after a crash', async () => {
  const { kind } = sampleKind();
  const id = newId();
  await create(kind, 60, id);
  await expect(create(kind, 60, id)).rejects.toThrow('exists already');
  expect(blobs.blobs.size).toBe(3);
});
