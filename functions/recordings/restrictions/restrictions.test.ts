/** Restrictions of access: placed, listed, removed, by request and by task, with crashes and races in between. */
import { newId, newSessionId, recordingId } from '../../../shared/ids';
import { resumeTasks } from '../../../shared/tasks/start-task';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { call, type TestRequest } from '../../../tests/support/call';
import { auditLog } from '../../../tests/support/logs';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { runTaskByHand } from '../../../tests/support/sample-tasks';
import { ADA, CONTOSO, FABRIKAM } from '../../../tests/support/test-issuer';
import { taskOperations } from '../../monitoring';
import { serverType } from '../../servers/server';
import { sessionPartition } from '../../sessions';
import { type Session, sessionType } from '../../sessions/session';
import { beginRecording } from '../upload/begin-recording';
import { recordingOperations } from '../operations';
import { giveUpVerification } from '../verification/verify-recording';
import { type Recording, recordingType } from '../recording';
import { resumeGates } from '../hold/resume-gates';
import { restrictTask, unrestrictTask } from './restriction-tasks';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const PLAYER = { roles: ['SessionRecording.PrivilegedPlayerAdmin'] };
const READER = { roles: ['SessionRecording.ReadOnlyAdmin'] };
const log = lineLog(() => undefined);

let test: RecordingServerTest;
let serverId: string;
let siteId: string;
let started = 0;

beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register();
  siteId = (await test.services.database.control(CONTOSO).read(serverType, serverId))?.siteId ?? '';
  await test.startSession(serverId); // It puts the month into the list of months.
});
afterEach(() => test.close());

async function send(id: string, { token, ...request }: TestRequest = {}) {
  const operation = [...recordingOperations, ...taskOperations([restrictTask, unrestrictTask])].find(
    (item) => item.id === id,
  );
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(test.services, operation, { token: token ?? (await test.issuer.token()), ...request });
}
const as = (claims: object) => test.issuer.token(claims as never);
const restrict = (body: object, more: TestRequest = {}) => send('restrictRecordings', { body, ...more });
const unrestrict = (body: object, more: TestRequest = {}) => send('unrestrictRecordings', { body, ...more });
const idsOf = (answer: { body: Record<string, unknown> }) =>
  (answer.body['value'] as { id: string }[]).map(({ id }) => id);
const listed = async () => idsOf(await send('listRecordings', { query: '?top=200' }));
const restricted = async () => idsOf(await send('findRestrictedRecordings', { query: '?top=200' }));

/** A session that has ended, with so many recordings; made in the database, where thousands take no time. */
async function recorded(
  parts = 1,
  more: Partial<Session> = {},
): Promise<{ id: string; recordingIds: string[] }> {
  const id = newSessionId(new Date(test.clock.now().getTime() + started++));
  const { services } = test;
  const partition = await sessionPartition(services, CONTOSO, id);
  const startedAt = test.time();
  const common = { siteId, serverId, startedAt };
  await partition.create(sessionType, {
    ...common,
    id,
    customerId: CONTOSO,
    sessionKey: id,
    facts: { user: { name: 'CONTOSO\\ada', groups: [] }, tags: [] },
    state: 'ended',
    // Restrictions do not look at it.
    decision: {} as Session['decision'],
    ...more,
  });
  const recordings = Array.from({ length: parts }, (_, index): Recording => ({
    ...common,
    id: recordingId(id, index + 1),
    sessionId: id,
    part: index + 1,
    container: 'webm',
    state: 'complete',
    userName: 'CONTOSO\\ada',
    userKey: 'contoso\\ada',
    accountKey: 'ada',
  }));
  await Promise.all(recordings.map((recording) => partition.create(recordingType, recording)));
  return { id, recordingIds: recordings.map((recording) => recording.id) };
}

const readSession = async (id: string) =>
  (await sessionPartition(test.services, CONTOSO, id)).read(sessionType, id);
const copiesOf = async (sessionId: string) => {
  const options = { where: 'c.sessionId = @sessionId', parameters: { sessionId }, limit: 100 };
  const copies = await (
    await sessionPartition(test.services, CONTOSO, sessionId)
  ).list(recordingType, options);
  return copies.map(({ restrictedAt }) => restrictedAt);
};
const audit = async () =>
  (await auditLog(test.services)).filter(({ action }) => action.startsWith('recording.'));

describe('RCD-3: a restriction', () => {
  it('takes all recordings of the session out of the main list into the restricted one, until it is removed', async () => {
    const [first, second] = [await recorded(2), await recorded(1)];
    const [part] = first.recordingIds;
    const placed = await restrict({ recordingIds: [part] });
    expect(placed).toMatchObject({
      status: 200,
      body: { results: [{ sessionId: first.id, recordingIds: first.recordingIds, outcome: 'changed' }] },
    });
    expect(await listed()).toEqual(second.recordingIds);
    expect(await restricted()).toEqual(first.recordingIds.toReversed());
    const { body } = await send('findRestrictedRecordings');
    expect((body['value'] as object[])[0]).toMatchObject({
      restrictedAt: test.time(),
      restrictedBy: { id: ADA, name: 'ada@contoso.example' },
    });

    const removed = await unrestrict({ sessionIds: [first.id] });
    expect(removed.body['results']).toMatchObject([{ outcome: 'changed' }]);
    expect(await restricted()).toEqual([]);
    expect(await listed()).toEqual([...second.recordingIds, ...first.recordingIds.toReversed()]);
    const shown = await send('getRecording', { params: { recordingId: String(part) } });
    expect(shown.text).not.toContain('restricted');
  });

  it('keeps its author and time when it is placed again, and removing it twice changes nothing', async () => {
    const { id } = await recorded();
    await restrict({ sessionIds: [id] });
    const before = await readSession(id);
    test.clock.advanceSeconds(10);
    const again = await restrict({ sessionIds: [id] }, { token: await as({ ...PLAYER, oid: newId() }) });
    expect(again.body['results']).toMatchObject([{ outcome: 'unchanged' }]);
    expect(await readSession(id)).toEqual(before);
    await unrestrict({ sessionIds: [id] });
    expect((await unrestrict({ sessionIds: [id] })).body['results']).toMatchObject([
      { outcome: 'unchanged' },
    ]);
  });

  it('is refused while anything of a session is live, names what is, and changes nothing', async () => {
    const [ended, live, uploading] = [
      await recorded(),
      await recorded(1, { state: 'live' }),
      await recorded(2),
    ];
    const partition = await sessionPartition(test.services, CONTOSO, uploading.id);
    const part = await partition.read(recordingType, String(uploading.recordingIds[1]));
    if (part) await partition.replace(recordingType, { ...part, state: 'uploading' });
    const recordingIds = [ended, live, uploading].map(({ recordingIds: [first] }) => first);
    const answer = await restrict({ recordingIds, sessionIds: [live.id] });
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual([
      '/recordingIds/1',
      '/sessionIds/0',
      '/recordingIds/2',
    ]);
    expect(await restricted()).toEqual([]);
    expect(await audit()).toEqual([]);
  });

  it('is refused where what is named does not exist, and the ids are named', async () => {
    const { id, recordingIds } = await recorded();
    const unknown = recordingId(newSessionId(test.clock.now()), 1);
    const answer = await restrict({ recordingIds: [recordingIds[0], unknown, recordingId(id, 2)] });
    expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(answer.body.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/recordingIds/1',
      '/recordingIds/2',
    ]);
    for (const body of [{}, { recordingIds: [] }, { recordingIds: ['x'] }, { sessionIds: ['x'] }])
      expect((await restrict(body)).status).toBe(400);
    expect(await restricted()).toEqual([]);
  });

  it('SRV-6: is refused when a server of the site is older than 2209, and can be removed all the same', async () => {
    const { id } = await recorded();
    await restrict({ sessionIds: [id] });
    const other = await recorded();
    await test.register({ machineId: newId(), hostName: 'OLD', serverVersion: '22.6.0.1' });
    const answer = await restrict({ sessionIds: [other.id] });
    expect(answer).toMatchObject({
      status: 409,
      body: {
        code: 'feature-not-supported',
        feature: 'accessRestrictions',
        found: '22.6.0.1',
        needed: '2209',
      },
    });
    expect((await unrestrict({ sessionIds: [id] })).status).toBe(200);
  });

  it('is copied to all 250 recordings of a session', async () => {
    const { id, recordingIds } = await recorded(250);
    const answer = await restrict({ sessionIds: [id] });
    expect(answer.status).toBe(202);
    await runTask(answer);
    expect((await restricted()).length).toBe(200);
    expect(await listed()).toEqual([]);
    await runTask(await unrestrict({ recordingIds: recordingIds.slice(0, 1) }));
    expect(await restricted()).toEqual([]);
  });

  it('is followed by a recording that is begun later', async () => {
    const { id } = await recorded();
    await restrict({ sessionIds: [id] });
    const body = { sessionId: id, part: 2, container: 'events', startedAt: test.time() };
    expect((await test.send('beginRecording', { body })).status).toBe(200);
    expect(await listed()).toEqual([]);
  });

  it('is followed, when it is verified, by a recording that was begun from the session as it was before', async () => {
    const { id } = await recorded();
    await restrict({ sessionIds: [id] });
    const before = await readSession(id);
    if (!before) throw new Error('there is no session');
    const live: Session = { ...before, state: 'live', restriction: undefined };
    const begun = { part: 2, container: 'events', startedAt: test.time() } as const;
    const { recording } = await beginRecording(test.services, live, begun);
    expect(await listed()).toEqual([recording.id]);
    await giveUpVerification(test.services, { customerId: CONTOSO, recordingId: recording.id });
    expect(await listed()).toEqual([]);
  });

  it('is followed by a recording that is begun at the same time', async () => {
    for (let n = 0; n < 10; n++) {
      const { id } = await recorded();
      const body = { sessionId: id, part: 2, container: 'events', startedAt: test.time() };
      const [answer] = await Promise.all([
        restrict({ sessionIds: [id] }),
        test.send('beginRecording', { body }),
      ]);
      const gate = (await readSession(id))?.restriction?.at;
      expect([200, 409]).toContain(answer.status);
      expect(await copiesOf(id)).toEqual([gate, gate]);
    }
  });
});

describe('IAM-5: restrictions', () => {
  it('are placed by all kinds, removed and listed by full administrators and privileged players', async () => {
    const { id } = await recorded();
    const body = { sessionIds: [id] };
    const [player, reader] = [await as(PLAYER), await as(READER)];
    expect((await restrict(body, { token: reader })).status).toBe(200);
    expect((await unrestrict(body, { token: reader })).status).toBe(403);
    expect((await send('findRestrictedRecordings', { token: reader })).status).toBe(403);
    expect((await send('findRestrictedRecordings', { token: player })).status).toBe(200);
    expect((await unrestrict(body, { token: player })).status).toBe(200);
    expect((await restrict(body, { token: player })).status).toBe(200);
  });

  it('IAM-6: hide a recording from read-only administrators, by its id too', async () => {
    const { id, recordingIds } = await recorded();
    const params = { recordingId: String(recordingIds[0]) };
    const reader = await as(READER);
    expect((await send('getRecording', { token: reader, params })).status).toBe(200);
    await restrict({ sessionIds: [id] });
    expect((await send('getRecording', { token: reader, params })).status).toBe(404);
    expect((await send('getRecording', { token: await as(PLAYER), params })).status).toBe(200);
  });

  it('IAM-1: of another customer cannot be placed', async () => {
    const { id } = await recorded();
    const token = await as({ tid: FABRIKAM, iss: `https://login.test/${FABRIKAM}/v2.0` });
    expect((await restrict({ sessionIds: [id] }, { token })).status).toBe(404);
    expect(await restricted()).toEqual([]);
  });

  it('IAM-9: that fail after they were logged are logged as failed too', async () => {
    const { id } = await recorded();
    test.injectFault((request, next) =>
      request.method === 'PUT' ? Promise.resolve({ status: 403, headers: {}, body: '{}' }) : next(request),
    );
    expect((await restrict({ sessionIds: [id] })).status).toBe(500);
    test.injectFault(undefined);
    const outcomes = (await audit()).map(({ outcome, reason }) => [outcome, reason]);
    expect(outcomes).toEqual([
      ['succeeded', undefined],
      ['failed', 'internal-error'],
    ]);
  });

  it('IAM-9: are logged with the sessions, before anything is changed', async () => {
    const { id } = await recorded();
    await restrict({ sessionIds: [id] });
    await unrestrict({ sessionIds: [id] });
    expect(await audit()).toMatchObject([
      { action: 'recording.restrict', outcome: 'succeeded', new: { restricted: true, sessionIds: [id] } },
      { action: 'recording.unrestrict', outcome: 'succeeded', new: { restricted: false, sessionIds: [id] } },
    ]);
  });
});

const taskIdOf = (answer: { headers: Record<string, string> }) =>
  String(answer.headers['operation-location']).split('/').at(-1) ?? '';

/** Does what Durable Functions does with the task of a 202. */
async function runTask(
  answer: { headers: Record<string, string> },
  around?: Parameters<typeof runTaskByHand>[3],
) {
  const taskId = taskIdOf(answer);
  await runTaskByHand(test.services, [restrictTask, unrestrictTask], { customerId: CONTOSO, taskId }, around);
  return (await send('getTask', { params: { id: taskId } })).body;
}

describe('RCD-3: many recordings', () => {
  const many = async (count: number) => {
    const sessions = [];
    for (let n = 0; n < count; n++) sessions.push(await recorded());
    return sessions;
  };

  it('of up to 40 are restricted in the request, of more by a task that the answer names', async () => {
    const sessions = await many(41);
    const recordingIds = sessions.flatMap((session) => session.recordingIds);
    const few = await restrict({ recordingIds: recordingIds.slice(0, 40) });
    expect(few.status).toBe(200);
    expect(few.body['results']).toHaveLength(40);
    const answer = await restrict({ recordingIds });
    expect(answer).toMatchObject({ status: 202, text: '', headers: { 'retry-after': '2' } });
    expect(await restricted()).toHaveLength(40);
    expect(await runTask(answer)).toMatchObject({
      state: 'Succeeded',
      kind: 'restrictRecordings',
      title: 'Restrict the recordings of 41 sessions',
      progress: { total: 41, succeeded: 41, failed: 0 },
    });
    expect(await restricted()).toHaveLength(41);
    expect((await audit()).at(-1)).toMatchObject({ target: { type: 'task', id: taskIdOf(answer) } });
  });

  it('restrict nothing when the recordings that are named do not exist', async () => {
    const { id } = await recorded();
    const recordingIds = Array.from({ length: 41 }, (_, index) => recordingId(id, 9_000 + index));
    const answer = await restrict({ recordingIds });
    expect(await runTask(answer)).toMatchObject({ state: 'Failed', progress: { succeeded: 0, failed: 41 } });
    expect(await restricted()).toEqual([]);
  });

  it('are counted with those of their sessions that follow', async () => {
    const { id } = await recorded(41);
    expect((await restrict({ recordingIds: [recordingId(id, 1)] })).status).toBe(202);
  });

  it('have a result each when some of them cannot be restricted', async () => {
    const sessions = await many(45);
    const live = await recorded(1, { state: 'live' });
    const unknown = newSessionId(test.clock.now());
    const answer = await restrict({ sessionIds: [live.id, unknown, ...sessions.map(({ id }) => id)] });
    expect(await runTask(answer)).toMatchObject({ state: 'Failed', progress: { succeeded: 45, failed: 2 } });
    const results = await send('listTaskResults', { params: { id: taskIdOf(answer) }, query: '?top=3' });
    expect(results.body['value']).toMatchObject([
      { item: live.id, outcome: 'failed', code: 'conflict' },
      { item: unknown, outcome: 'failed', code: 'not-found' },
      { outcome: 'succeeded' },
    ]);
  });

  it('are one task when the request is repeated with its key', async () => {
    const sessionIds = (await many(41)).map(({ id }) => id);
    const headers = { 'idempotency-key': 'once' };
    const answers = [
      await restrict({ sessionIds }, { headers }),
      await restrict({ sessionIds }, { headers }),
    ];
    expect(new Set(answers.map(taskIdOf)).size).toBe(1);
    expect(await audit()).toHaveLength(1);
  });

  it('are restricted also when the message that starts the task is lost', async () => {
    const sessionIds = (await many(41)).map(({ id }) => id);
    test.queues.beforeSend = () => {
      throw new Error('the queue is down');
    };
    const answer = await restrict({ sessionIds });
    expect(answer.status).toBe(202);
    test.queues.beforeSend = () => undefined;
    test.clock.advanceSeconds(61);
    await resumeTasks(test.services, log);
    expect(test.queues.sent).toMatchObject([{ queue: 'start-task', message: { taskId: taskIdOf(answer) } }]);
  });

  it('stay as was decided since when a page is worked on again', async () => {
    const sessionIds = (await many(41)).map(({ id }) => id);
    const answer = await restrict({ sessionIds });
    test.clock.advanceSeconds(1);
    let repeated = false;
    jest.spyOn(test.blobs, 'putOnce').mockImplementation(async (_container, name) => {
      if (!name.includes('results')) return true;
      test.clock.advanceSeconds(1);
      if (!repeated) await unrestrict({ sessionIds: sessionIds.slice(0, 1) });
      repeated = true;
      throw new Error('the blob store is down');
    });
    await runTask(answer);
    jest.restoreAllMocks();
    expect((await readSession(String(sessionIds[0])))?.restriction).toBeUndefined();
    expect(await restricted()).toHaveLength(40);
  });
});

describe('RCD-3: restricting and removing', () => {
  it('at the same time end with every recording as the session says', async () => {
    const { id } = await recorded(30);
    await Promise.all(
      Array.from({ length: 6 }, (_, n) => (n % 2 ? restrict : unrestrict)({ sessionIds: [id] })),
    );
    const gate = (await readSession(id))?.restriction?.at;
    expect(new Set(await copiesOf(id))).toEqual(new Set([gate]));
    expect((await readSession(id))?.dueAt).toBeUndefined();
  });

  it('is finished by the sweep after a crash between the session and its recordings', async () => {
    const { id } = await recorded(3);
    test.injectFault((request, next) => {
      const isBatch = request.headers['x-ms-cosmos-is-batch-request'] !== undefined;
      const copies = isBatch && request.body.includes('restrictedAt');
      return copies ? Promise.resolve({ status: 503, headers: {}, body: '{}' }) : next(request);
    });
    expect((await restrict({ sessionIds: [id] })).status).toBe(503);
    test.injectFault(undefined);
    expect(await restricted()).toEqual([]);
    await resumeGates(test.services, log);
    expect(await restricted()).toEqual([]);
    test.clock.advanceSeconds(60);
    await resumeGates(test.services, log);
    expect(await restricted()).toHaveLength(3);
    expect((await readSession(id))?.dueAt).toBeUndefined();
  });
});
