/** Storage maintenance from its settings to its digest, over a real database in memory, with crashes at each step. */
import { gzipSync } from 'node:zlib';
import { activityFeed } from '../../../tests/support/logs';
import { call, type TestRequest } from '../../../tests/support/call';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { Killed, runByHand } from '../../../tests/support/sample-tasks';
import { storedRecording, storedSession } from '../../../tests/support/stored-recordings';
import { openMonth } from '../../../shared/months/customer-months';
import { runScheduled, startDueSchedules } from '../../../shared/schedules/run-schedules';
import { scheduleType } from '../../../shared/schedules/schedule';
import { requestCancel, type Task, taskType } from '../../../shared/tasks/task';
import { listResults, type TaskRef } from '../../../shared/tasks/task-pages';
import { resumeTasks, startTask } from '../../../shared/tasks/start-task';
import { changeTask, taskSteps } from '../../../shared/tasks/task-steps';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { monthOf } from '../../../shared/ids';
import { serverType } from '../../servers/server';
import { sessionPartition } from '../../sessions';
import { type Session, sessionType } from '../../sessions/session';
import { siteDependentOperations, siteOperations } from '../../sites';
import { type Recording, recordingType } from '../recording';
import { recordingsOfSite } from '../recordings-of-site';
import { giveUpBatch, workOnBatch } from './batches';
import { maintenanceRuns } from './maintenance-schedule';
import { maintenanceSteps } from './maintenance-steps';
import { maintenanceTask } from './maintenance-task';
import { maintenanceOperations } from './operations';
import { type MaintenancePreview, previewMaintenance } from './preview';
import { runMaintenance } from './run-maintenance';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const log = lineLog(() => undefined);
const DAY = 86_400_000;

let test: RecordingServerTest;
let siteId: string;
let serverId: string;

/** The test's clock starts at noon of 15 January 2030; the server is in Paris. */
beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register();
  const server = await test.services.database.control(test.customerId).read(serverType, serverId);
  siteId = server?.siteId ?? '';
});
afterEach(() => test.close());

const operations = [
  ...maintenanceOperations,
  ...siteOperations,
  ...siteDependentOperations([recordingsOfSite]),
];
async function send(id: string, request: TestRequest = {}) {
  const operation = operations.find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  const token = await test.issuer.token();
  return call(test.services, operation, { token, params: { siteId }, ...request });
}
const setMaintenance = (storageMaintenance: object) =>
  send('changeSiteSettings', { headers: { 'if-match': '*' }, body: { storageMaintenance } });

/** A session that ended so many days ago, with parts; returns the ids of these. */
async function record(
  ageDays: number,
  {
    parts = 1,
    session = {},
    recording = {},
  }: { parts?: number; session?: Partial<Session>; recording?: Partial<Recording> } = {},
): Promise<string[]> {
  const { customerId, services } = test;
  const endedAt = new Date(test.clock.now().getTime() - ageDays * DAY);
  const place = { customerId, siteId, serverId };
  const stored = storedSession(place, endedAt, session);
  await openMonth(services, customerId, monthOf(endedAt));
  const partition = await sessionPartition(services, customerId, stored.id);
  await partition.create(sessionType, stored);
  const recordings = Array.from({ length: parts }, (_, part) => storedRecording(stored, part + 1, recording));
  for (const one of recordings) {
    await partition.create(recordingType, one);
    test.blobs.blobs.set(`recordings/${one.blobName}`, Buffer.from(one.id));
  }
  return recordings.map(({ id }) => id);
}

const find = async (id: string) =>
  (await sessionPartition(test.services, test.customerId, id.slice(0, 36))).read(recordingType, id);
const stateOf = async (id: string) => (await find(id))?.state ?? 'gone';
const files = (id: string) =>
  [...test.blobs.blobs.keys()].filter((key) => key.endsWith(`${id}.webm`)).map((key) => key.split('/')[0]);

/** The server has a schedule of its own. */
const scheduleKinds = [maintenanceRuns, { name: 'clientUpgrade', run: async () => undefined }];

/** Lets the sweep start what is due; returns the ids of the tasks whose start was sent. */
async function startRuns(): Promise<TaskRef[]> {
  const { queues, services } = test;
  queues.sent.length = 0;
  await startDueSchedules(services, log);
  for (const { queue, message } of queues.sent.splice(0))
    if (queue === 'scheduled-runs') await runScheduled(scheduleKinds)(services, message as never, log);
  return queues.sent
    .splice(0)
    .filter(({ queue }) => queue === 'start-task')
    .map(({ message }) => message as TaskRef);
}

/** Works on what is in the queue of batches, as the host does. */
async function workOnQueue(work: typeof workOnBatch | typeof giveUpBatch = workOnBatch): Promise<void> {
  for (const { message } of test.queues.sent.splice(0)) await work(test.services, message as never, log);
}

const { begin } = taskSteps([maintenanceTask]);
const { plan, check, end } = maintenanceSteps;

/** Runs the orchestration of a run to its end. */
function run(ref: TaskRef, options: Parameters<typeof runByHand>[2] = {}) {
  const activities = [begin, plan, check, end];
  const whole = { orchestrator: runMaintenance, activities, input: ref };
  return runByHand(test.services, whole, { onTimer: () => workOnQueue(), ...options });
}

async function taskOf({ customerId, taskId }: TaskRef): Promise<Task> {
  const task = await test.services.database.control(customerId).read(taskType, taskId);
  if (!task) throw new Error('there is no task');
  return task;
}
async function resultsOf(ref: TaskRef) {
  const { pages } = await taskOf(ref);
  const results = await listResults(test.services, ref, { pages, first: 0, limit: 10_000 });
  return results.map(({ result }) => result);
}
const digests = async () =>
  (await activityFeed(test.services, test.customerId)).filter(({ kind }) => kind.startsWith('storage'));

/** Maintenance that archives after 30 days and deletes after 300, at its time on the next day. */
async function startDaily(rules: object = {}): Promise<TaskRef> {
  const settings = { enabled: true, archiveAfterDays: 30, deleteAfterDays: 300, ...rules };
  expect((await setMaintenance(settings)).status).toBe(200);
  test.clock.advanceSeconds(86_400);
  const [ref, ...others] = await startRuns();
  if (!ref || others.length > 0) throw new Error('there is not one run');
  return ref;
}

it('MNG-2: archives and deletes what is old enough, once, and leaves everything else', async () => {
  const [young = ''] = await record(10);
  const old = await record(40, { parts: 3 });
  const older = await record(400, { parts: 2 });
  const [restricted = ''] = await record(50, {
    session: { restriction: { by: { id: 'ada', name: 'Ada' }, at: '2029-12-24T00:00:00.000Z' } },
    recording: { restrictedAt: '2029-12-24T00:00:00.000Z' },
  });
  const ref = await startDaily();
  await run(ref);
  expect(await Promise.all([young, ...old, restricted, ...older].map(stateOf))).toEqual([
    'complete',
    ...['archived', 'archived', 'archived', 'archived', 'gone', 'gone'],
  ]);
  expect(await find(restricted)).toMatchObject({ restrictedAt: '2029-12-24T00:00:00.000Z' });
  // Files of deleted recordings are kept unless the settings say otherwise.
  expect([young, old[0], older[0]].map((id) => files(id ?? ''))).toEqual([
    ['recordings'],
    ['recording-archive'],
    ['recordings'],
  ]);
  expect(await taskOf(ref)).toMatchObject({
    kind: 'storageMaintenance',
    state: 'Succeeded',
    total: 6,
    counts: { succeeded: 6, failed: 0 },
  });
  expect((await resultsOf(ref)).map(({ item }) => item)).toEqual([
    ...older.map((id) => `delete ${id}`),
    `archive ${restricted}`,
    ...old.map((id) => `archive ${id}`),
  ]);
  expect(await digests()).toMatchObject([
    {
      kind: 'storageMaintenance.finished',
      category: 'storageMaintenance',
      severity: 'information',
      details: { archived: 4, deleted: 2, skipped: 0, failed: 0 },
    },
  ]);
});

it('MNG-2: deletes the files as well when the settings say so', async () => {
  const [id = ''] = await record(400);
  await run(await startDaily({ deleteFiles: true }));
  expect([await stateOf(id), files(id)]).toEqual(['gone', []]);
});

it('MNG-2: a live session is left alone, and never breaks the run', async () => {
  const [live = ''] = await record(12, { session: { state: 'live', endedAt: undefined } });
  const [longAgo = ''] = await record(60, { session: { state: 'live', endedAt: undefined } });
  const [ended = ''] = await record(40);
  const ref = await startDaily({ archiveAfterDays: 5 });
  await run(ref);
  // Nobody has heard of the end of the other one; a session lasts 31 days at most.
  expect(await Promise.all([live, longAgo, ended].map(stateOf))).toEqual([
    'complete',
    'archived',
    'archived',
  ]);
  expect((await taskOf(ref)).state).toBe('Succeeded');
});

it('MNG-4: what is under legal hold is left alone, also when it is held at the last moment', async () => {
  const hold = { by: { id: 'ada', name: 'Ada' }, at: '2030-01-01T00:00:00.000Z', reason: 'Case 7' };
  const [held = ''] = await record(400, { session: { hold }, recording: { heldAt: hold.at } });
  const [late = ''] = await record(400);
  const ref = await startDaily();
  await run(ref, {
    onTimer: async () => {
      const partition = await sessionPartition(test.services, test.customerId, late.slice(0, 36));
      const session = await partition.read(sessionType, late.slice(0, 36));
      if (session) await partition.replace(sessionType, { ...session, hold });
      await workOnQueue();
    },
  });
  expect(await Promise.all([held, late].map(stateOf))).toEqual(['complete', 'complete']);
  expect(await resultsOf(ref)).toMatchObject([
    { item: `delete ${late}`, outcome: 'succeeded', detail: expect.stringContaining('Skipped') as string },
  ]);
  expect(await digests()).toMatchObject([{ details: { deleted: 0, skipped: 1, failed: 0 } }]);
});

it('MNG-2: a failed archive is reported, and left alone for 24 hours', async () => {
  const [id = ''] = await record(40);
  const good = await record(40);
  const file = [...test.blobs.blobs.keys()].find((key) => key.endsWith(`${id}.webm`)) ?? '';
  const ref = await startDaily();
  const checksums = JSON.stringify({ blockBytes: 1, sizeBytes: 1, md5: ['bm90IHRoaXMgb25l'] });
  test.blobs.blobs.set(file.replace('.webm', '.checksums'), gzipSync(Buffer.from(checksums)));
  await run(ref);
  expect(await taskOf(ref)).toMatchObject({ state: 'Failed', counts: { succeeded: 1, failed: 1 } });
  expect([await stateOf(id), await stateOf(good[0] ?? '')]).toEqual(['complete', 'archived']);
  expect(await digests()).toMatchObject([{ severity: 'warning', details: { archived: 1, failed: 1 } }]);
  // The next run begins 24 hours after this one, and this one had failed a little later.
  test.clock.advanceSeconds(86_400 - 60);
  const [next] = await startRuns();
  if (!next) throw new Error('there is no next run');
  await run(next);
  expect((await taskOf(next)).total).toBe(0);
});

describe('the preview', () => {
  const preview = async (body: object) =>
    (await send('previewStorageMaintenance', { body })).body as Omit<MaintenancePreview, 'asOf'>;

  it('MNG-4: says how many recordings and bytes rules would archive and delete, by age, and changes nothing', async () => {
    const hold = { by: { id: 'ada', name: 'Ada' }, at: '2030-01-01T00:00:00.000Z', reason: 'Case 7' };
    const ids = [
      ...(await record(10)),
      ...(await record(40, { parts: 3 })),
      ...(await record(75, { recording: { sizeBytes: 40 } })),
      ...(await record(400, { parts: 2 })),
      ...(await record(400, { recording: { state: 'archived' } })),
      ...(await record(400, { session: { hold }, recording: { heldAt: hold.at } })),
    ];
    const nothing = { recordings: 0, bytes: 0 };
    expect(await preview({ archiveAfterDays: 30, deleteAfterDays: 300 })).toEqual({
      asOf: expect.any(String) as string,
      isEstimate: false,
      archive: { recordings: 4, bytes: 340 },
      delete: { recordings: 3, bytes: 300 },
      byMonth: [
        { month: '2028-12', archive: nothing, delete: { recordings: 3, bytes: 300 } },
        { month: '2029-11', archive: { recordings: 1, bytes: 40 }, delete: nothing },
        { month: '2029-12', archive: { recordings: 3, bytes: 300 }, delete: nothing },
      ],
    });
    expect(await preview({})).toMatchObject({ archive: nothing, delete: nothing, byMonth: [] });
    expect((await Promise.all(ids.map(stateOf))).filter((state) => state === 'complete')).toHaveLength(8);
    expect((await send('getSiteSettings')).body['storageMaintenance']).toMatchObject({ enabled: false });
  });

  it('MNG-4: agrees with what the run that follows does', async () => {
    await record(40, { parts: 3 });
    await record(400, { parts: 2 });
    await record(299.5);
    const ref = await startDaily();
    const rules = { archiveAfterDays: 30, deleteAfterDays: 300 };
    const { archive, delete: deletion } = await preview(rules);
    await run(ref);
    expect(await digests()).toMatchObject([
      { details: { archived: archive.recordings, deleted: deletion.recordings } },
    ]);
  });

  it('MNG-4: refuses rules that would be refused as settings', async () => {
    for (const body of [{ archiveAfterDays: 3, deleteAfterDays: 2 }, { location: 'moon' }])
      expect((await send('previewStorageMaintenance', { body })).status).toBe(400);
  });

  it('MNG-4: ends in time, and says that it is an estimate', async () => {
    await record(40);
    const request = { customerId: test.customerId, siteId, rules: { archiveAfterDays: 30 } };
    const { isEstimate } = await previewMaintenance(test.services, { ...request, maxMilliseconds: -1 });
    expect(isEstimate).toBe(true);
  });
});

it('MNG-2: begins at its time in the time zone of the first server, and is off until it is switched on', async () => {
  const control = test.services.database.control(test.customerId);
  const schedule = () => control.read(scheduleType, `storageMaintenance-${siteId}`);
  await setMaintenance({ archiveAfterDays: 30 });
  expect(await schedule()).toBeUndefined();
  await setMaintenance({ enabled: true, time: '05:30' });
  expect(await schedule()).toMatchObject({ nextRunAt: '2030-01-16T04:30:00.000Z' });
  await setMaintenance({ timeZone: 'Asia/Kolkata' });
  expect(await schedule()).toMatchObject({ nextRunAt: '2030-01-16T00:00:00.000Z' });
  await setMaintenance({ enabled: false });
  test.clock.advanceSeconds(86_400);
  expect(await startRuns()).toEqual([]);
  expect(await schedule()).toBeUndefined();
});

it('MNG-2: is driven by an orchestration of its own, also when the sweep of tasks starts it again', async () => {
  await record(40);
  const ref = await startDaily();
  const startNew = jest.fn(async () => 'started');
  await startTask(test.services, ref, { startNew, getStatus: jest.fn() });
  expect(startNew).toHaveBeenCalledWith('runStorageMaintenance', { instanceId: ref.taskId, input: ref });
});

it('MNG-2: refuses to delete before it archives, and locations that nobody knows', async () => {
  expect(await setMaintenance({ archiveAfterDays: 30, deleteAfterDays: 30 })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/storageMaintenance/deleteAfterDays' }] },
  });
  expect(await setMaintenance({ location: 'moon' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/storageMaintenance/location' }] },
  });
});

describe('when a process dies', () => {
  it.each([
    ['before', 'planMaintenanceRound'],
    ['after', 'planMaintenanceRound'],
    ['before', 'checkMaintenanceRound'],
    ['after', 'checkMaintenanceRound'],
    ['before', 'endMaintenanceRun'],
    ['after', 'endMaintenanceRun'],
  ] as const)(
    'MNG-2: %s %s, the run is finished by another one: nothing lost, nothing twice',
    async (when, step) => {
      const ids = (await Promise.all(Array.from({ length: 9 }, () => record(40, { parts: 5 })))).flat();
      const ref = await startDaily();
      let isAlive = true;
      const around = (moment: string, { name }: { name: string }) => {
        if (!isAlive || moment !== when || name !== step) return;
        isAlive = false;
        throw new Killed();
      };
      await expect(run(ref, { around })).rejects.toThrow(Killed);
      // Messages are delivered once more than they were sent.
      test.queues.sent.push(...test.queues.sent);
      await run(ref);
      expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(['archived']));
      const items = (await resultsOf(ref)).map(({ item }) => item);
      expect(items.toSorted()).toEqual(ids.map((id) => `archive ${id}`).toSorted());
      expect(await taskOf(ref)).toMatchObject({ state: 'Succeeded', total: 45, counts: { succeeded: 45 } });
      expect(await digests()).toMatchObject([{ details: { archived: 45 } }]);
    },
  );

  it('MNG-2: a batch that is interrupted is worked on again, and each recording moves once', async () => {
    const ids = await record(40, { parts: 6 });
    const ref = await startDaily();
    let writes = 0;
    await run(ref, {
      onTimer: async () => {
        const messages = [...test.queues.sent];
        test.injectFault((request, next) =>
          request.method !== 'GET' && ++writes === 5
            ? Promise.resolve({ status: 403, headers: {}, body: '{}' })
            : next(request),
        );
        await workOnQueue().catch(() => undefined);
        test.injectFault(undefined);
        test.queues.sent.push(...messages);
        await workOnQueue();
      },
    });
    expect(writes).toBeGreaterThan(5);
    expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(['archived']));
    expect(await digests()).toMatchObject([{ details: { archived: 6, failed: 0 } }]);
  });

  it('MNG-2: after its last attempt only what cannot be done fails', async () => {
    const [first = ''] = await record(400);
    const [second = ''] = await record(40);
    const ref = await startDaily();
    const { archives } = test.services;
    const broken = new Error('the storage is away');
    const copy = jest.spyOn(archives.all[0]?.store ?? test.services.blobs, 'copyChecked');
    copy.mockRejectedValue(broken);
    await run(ref, { onTimer: () => workOnQueue(giveUpBatch) });
    copy.mockRestore();
    expect([await stateOf(first), await stateOf(second)]).toEqual(['gone', 'archiving']);
    expect(await digests()).toMatchObject([{ severity: 'warning', details: { deleted: 1, failed: 1 } }]);
  });

  it('MNG-2: messages that were lost are sent again', async () => {
    const [id = ''] = await record(40);
    const ref = await startDaily();
    let waits = 0;
    await run(ref, {
      onTimer: async () => {
        if (++waits === 1) test.queues.sent.length = 0;
        await workOnQueue();
      },
    });
    expect(waits).toBeGreaterThan(20);
    expect(await stateOf(id)).toBe('archived');
  });
});

it('MNG-2: a run that was given up reports once what it did and why it stopped; what was not begun is left alone', async () => {
  const ids = await record(40, { parts: 30 });
  const ref = await startDaily();
  const late: unknown[] = [];
  let waits = 0;
  const onTimer = async () => {
    if (++waits > 1) {
      // Nobody works on the second batch for a day.
      test.clock.advanceSeconds(90_000);
      await resumeTasks(test.services, log);
      return;
    }
    const [first, ...others] = test.queues.sent.splice(0);
    await workOnBatch(test.services, first?.message as never);
    late.push(...others.map(({ message }) => message));
  };
  let isAlive = true;
  const around = (moment: string, { name }: { name: string }) => {
    if (!isAlive || moment !== 'after' || name !== 'endMaintenanceRun') return;
    isAlive = false;
    throw new Killed();
  };
  await expect(run(ref, { onTimer, around })).rejects.toThrow(Killed);
  await run(ref, { onTimer });
  expect((await taskOf(ref)).state).toBe('Failed');
  const digest = {
    kind: 'storageMaintenance.finished',
    severity: 'warning',
    message: expect.stringMatching(/25 archived.* It stopped before its end: .*given up/) as string,
    details: { taskId: ref.taskId, archived: 25, deleted: 0, skipped: 0, failed: 0 },
  };
  expect(await digests()).toMatchObject([digest]);
  for (const message of late) await workOnBatch(test.services, message as never);
  const states = await Promise.all(ids.map(stateOf));
  expect(states.filter((state) => state === 'archived')).toHaveLength(25);
  expect(states.filter((state) => state === 'complete')).toHaveLength(5);
  expect(await digests()).toMatchObject([digest]);
});

it('MNG-2: stops when its settings change while it goes on: what was not begun is left for the next run', async () => {
  const ids = await record(40, { parts: 30 });
  const ref = await startDaily();
  let batches = 0;
  await run(ref, {
    onTimer: async () => {
      for (const { message } of test.queues.sent.splice(0)) {
        await workOnBatch(test.services, message as never);
        if (++batches === 1) await setMaintenance({ archiveAfterDays: 35 });
      }
      test.queues.sent.length = 0;
    },
  });
  const states = await Promise.all(ids.map(stateOf));
  expect(states.filter((state) => state === 'archived')).toHaveLength(25);
  expect(states.filter((state) => state === 'complete')).toHaveLength(5);
  expect(await digests()).toMatchObject([{ details: { archived: 25, skipped: 5 } }]);
});

it('MNG-2: can be canceled; a run whose predecessor still goes on is left out, and says so', async () => {
  const ids = await record(40, { parts: 2 });
  const ref = await startDaily();
  test.clock.advanceSeconds(86_400);
  expect(await startRuns()).toEqual([]);
  expect(await digests()).toMatchObject([
    { kind: 'storageMaintenance.overdue', details: { taskId: ref.taskId } },
  ]);
  await run(ref, {
    around: async (moment, { name }) => {
      if (moment === 'before' && name === 'planMaintenanceRound')
        await changeTask(test.services, ref, (task, now) =>
          requestCancel(task, { id: 'ada', name: 'Ada' }, now),
        );
    },
  });
  expect((await taskOf(ref)).state).toBe('Canceled');
  expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(['complete']));
});
