/** Archives, deletions and legal holds: asked for over HTTP, done by tasks, refused, failed, resumed; and files on servers. */
import { newId, newSessionId, recordingId } from '../../../shared/ids';
import { documentType } from '../../../shared/cosmos/document-type';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { call, type TestRequest } from '../../../tests/support/call';
import { activityFeed, auditLog } from '../../../tests/support/logs';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { runTaskByHand } from '../../../tests/support/sample-tasks';
import { CONTOSO, FABRIKAM } from '../../../tests/support/test-issuer';
import { taskOperations } from '../../monitoring';
import { serverType } from '../../servers/server';
import { sessionPartition } from '../../sessions';
import { type Session, sessionType } from '../../sessions/session';
import { holdTask, releaseTask } from '../hold/hold-tasks';
import { resumeGates } from '../hold/resume-gates';
import { recordingOperations } from '../operations';
import { type Recording, recordingType } from '../recording';
import { recordingsOfSite } from '../recordings-of-site';
import { maintainUploads } from '../upload/maintain-uploads';
import { archiveRecording } from './archive-recording';
import { deleteRecording } from './delete-recording';
import { archiveTask, deleteTask } from './move-tasks';
import { recordingFileCommands } from './server-file-commands';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const PLAYER = { roles: ['SessionRecording.PrivilegedPlayerAdmin'] };
const READER = { roles: ['SessionRecording.ReadOnlyAdmin'] };
const log = lineLog(() => undefined);
const kinds = [archiveTask, deleteTask, holdTask, releaseTask];
const noteType = documentType<{ id: string }>('note-of-session', { ttlSeconds: 'never' });

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
  const operation = [...recordingOperations, ...taskOperations(kinds)].find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(test.services, operation, { token: token ?? (await test.issuer.token()), ...request });
}
const as = (claims: object) => test.issuer.token(claims as never);
const archive = (body: object, more: TestRequest = {}) => send('archiveRecordings', { body, ...more });
const remove = (body: object, more: TestRequest = {}) => send('deleteRecordings', { body, ...more });
const hold = (body: object, more: TestRequest = {}) =>
  send('holdRecordings', { body: { reason: 'Case 7', ...body }, ...more });
const release = (body: object) => send('releaseRecordings', { body });
const listed = async (query = '') =>
  ((await send('listRecordings', { query: `?top=200${query}` })).body['value'] as { id: string }[]).map(
    ({ id }) => id,
  );

/** A session that has ended, with so many recordings and their files. */
async function recorded(
  parts = 1,
  more: Partial<Session> = {},
  change: Partial<Recording> = {},
): Promise<{ id: string; recordingIds: string[] }> {
  const id = newSessionId(new Date(test.clock.now().getTime() + started++));
  const partition = await sessionPartition(test.services, CONTOSO, id);
  const common = { siteId, serverId, startedAt: test.time() };
  await partition.create(sessionType, {
    ...common,
    id,
    customerId: CONTOSO,
    sessionKey: id,
    facts: { user: { name: 'CONTOSO\\ada', groups: [] }, tags: [] },
    state: 'ended',
    // Moves do not look at it.
    decision: {} as Session['decision'],
    ...more,
  });
  const recordings = Array.from({ length: parts }, (_, index): Recording => {
    const of = recordingId(id, index + 1);
    const user = { userName: 'CONTOSO\\ada', userKey: 'contoso\\ada', accountKey: 'ada' };
    const file = { container: 'webm', state: 'complete', blobName: `${CONTOSO}/${of}.webm` } as const;
    return { ...common, ...user, ...file, id: of, sessionId: id, part: index + 1, ...change };
  });
  for (const recording of recordings) {
    await partition.create(recordingType, recording);
    if (recording.blobName)
      test.blobs.blobs.set(`recordings/${recording.blobName}`, Buffer.from(recording.id));
  }
  return { id, recordingIds: recordings.map((recording) => recording.id) };
}

const read = async (id = '') =>
  (await sessionPartition(test.services, CONTOSO, id.slice(0, 36))).read(recordingType, id);
const readSession = async (id: string) =>
  (await sessionPartition(test.services, CONTOSO, id)).read(sessionType, id);
const names = (part = '') => [...test.blobs.blobs.keys()].filter((name) => name.includes(part)).toSorted();

/** Does what Durable Functions does with the task of a 202. */
async function done(answer: { status: number; headers: Record<string, string> }) {
  expect(answer.status).toBe(202);
  const taskId = String(answer.headers['operation-location']).split('/').at(-1) ?? '';
  await runTaskByHand(test.services, kinds, { customerId: CONTOSO, taskId });
  const task = (await send('getTask', { params: { id: taskId } })).body;
  const results = await send('listTaskResults', { params: { id: taskId }, query: '?top=200' });
  return { ...task, results: results.body['value'] as { item: string; detail?: string }[] };
}
/** What the sweeps do a while later. */
async function sweepLater(seconds = 1_300) {
  test.clock.advanceSeconds(seconds);
  await maintainUploads(test.services, log);
  await resumeGates(test.services, log);
}

describe('MNG-1: archiving', () => {
  it('moves the files of all recordings of the session, which are listed apart from then on', async () => {
    const { recordingIds } = await recorded(3);
    const answer = await archive({ recordingIds: recordingIds.slice(0, 1), location: 'cold' });
    expect(await done(answer)).toMatchObject({
      state: 'Succeeded',
      kind: 'archiveRecordings',
      title: 'Archive 3 recordings',
      progress: { total: 3, succeeded: 3, failed: 0 },
    });
    expect(await listed()).toEqual([]);
    expect(await listed('&state=archived')).toEqual(recordingIds.toReversed());
    for (const id of recordingIds) {
      expect(names(id).filter((name) => name.endsWith('.webm'))).toEqual([
        `recording-archive/${CONTOSO}/${id}.webm`,
      ]);
      const shown = await send('getRecording', { params: { recordingId: id } });
      expect(shown.body).toMatchObject({
        state: 'archived',
        archiveLocation: 'cold',
        archivedAt: test.time(),
      });
    }
    expect((await auditLog(test.services)).at(-1)).toMatchObject({
      action: 'recording.archive',
      target: { type: 'task' },
      new: { location: 'cold' },
    });
  });

  it('is refused as a whole while one of the sessions is live, held or restricted, and the answer names them', async () => {
    const by = { id: 'a', name: 'ada' };
    const at = test.time();
    const sessions = [
      await recorded(),
      await recorded(1, { state: 'live' }),
      await recorded(1, {}, { state: 'uploading' }),
      await recorded(1, {}, { state: 'verifying' }),
      await recorded(1, { hold: { by, at, reason: 'x' } }),
      await recorded(1, { restriction: { by, at } }),
    ];
    const answer = await archive({ sessionIds: sessions.map(({ id }) => id) });
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(
      [1, 2, 3, 4, 5].map((index) => `/sessionIds/${index}`),
    );
    expect((await read(sessions[0]?.recordingIds[0]))?.state).toBe('complete');
    const tasks = (await send('listTasks')).body['value'];
    expect(tasks).toEqual([]);
  });

  it('of a session that never ended is possible once no session lasts that long', async () => {
    const startedAt = test.time(-32 * 86_400);
    const { recordingIds } = await recorded(1, { state: 'live', startedAt });
    expect(await done(await archive({ recordingIds }))).toMatchObject({ state: 'Succeeded' });
  });

  it('takes a location by its name only, and files on servers need a folder', async () => {
    const { recordingIds } = await recorded();
    for (const location of ['other', 'https://elsewhere.test/x'])
      expect(await archive({ recordingIds, location })).toMatchObject({ status: 400 });
    const onServer = await recorded(
      1,
      {},
      { storage: 'server', serverPath: 'D:\\a.webm', blobName: undefined },
    );
    const answer = await archive({ recordingIds: onServer.recordingIds });
    expect(answer.body.errors).toMatchObject([{ pointer: '/serverFolder' }]);
    for (const serverFolder of ['relative', 'C:\\..\\Windows', '/etc', '\\\\', 'C:'])
      expect((await archive({ recordingIds: onServer.recordingIds, serverFolder })).status).toBe(400);
  });

  it('that fails leaves the recording as it was, and blocks its deletion for 24 hours; the others go on', async () => {
    const { recordingIds } = await recorded(3);
    const [first = '', second = ''] = recordingIds;
    // It has changed since it was verified.
    await done(await archive({ recordingIds: (await recorded()).recordingIds }));
    const checksums = { blockBytes: 7, sizeBytes: Buffer.from(first).length, md5: ['AAAA'] };
    const { gzipSync } = await import('node:zlib');
    const packed = gzipSync(JSON.stringify(checksums));
    test.blobs.blobs.set(`recordings/${CONTOSO}/${first}.checksums`, packed);
    const until = test.time(86_400);
    const task = await done(await archive({ recordingIds }));
    expect(task).toMatchObject({ state: 'Failed', progress: { succeeded: 2, failed: 1 } });
    expect(task.results[0]).toMatchObject({ item: first, code: 'conflict' });
    expect(task.results[0]?.detail).toContain(until);
    expect(await read(first)).toMatchObject({ state: 'complete', archiveBlockedUntil: until });
    expect(names(first)).toContain(`recordings/${CONTOSO}/${first}.webm`);
    expect((await read(second))?.state).toBe('archived');
    const kindsOfFeed = (await activityFeed(test.services)).map(({ kind }) => kind);
    expect(kindsOfFeed.filter((kind) => kind === 'recording.archiveFailed')).toHaveLength(1);

    const blocked = await done(await remove({ recordingIds: [first] }));
    expect(blocked.results[0]).toMatchObject({ item: first, outcome: 'failed' });
    expect(await listed()).toContain(first);
    await sweepLater(86_401);
    expect(await done(await remove({ recordingIds: [first] }))).toMatchObject({ progress: { failed: 0 } });
  });

  it('by a schedule includes restricted recordings, which stay restricted', async () => {
    const at = test.time();
    const by = { id: 'a', name: 'ada' };
    const { recordingIds } = await recorded(
      1,
      { restriction: { by, at } },
      { restrictedAt: at, restrictedBy: by },
    );
    const [id = ''] = recordingIds;
    const order = { customerId: CONTOSO, recordingId: id, operation: 'run', location: 'archive' };
    await expect(archiveRecording(test.services, { ...order, isScheduled: false })).rejects.toMatchObject({
      code: 'conflict',
    });
    await archiveRecording(test.services, { ...order, isScheduled: true });
    expect(await read(id)).toMatchObject({ state: 'archived', restrictedAt: at });
    expect(await listed('&state=archived')).toEqual([]);
    const apart = await send('findRestrictedRecordings', { query: '?state=archived' });
    expect(apart.body['value']).toMatchObject([{ id }]);
  });
});

describe('MNG-1: deleting', () => {
  it('removes the records and all that belonged to the session, and says where the files were kept', async () => {
    const { id, recordingIds } = await recorded(2);
    const sessionData = test.services.database.sessionData(CONTOSO, id);
    await sessionData.create(noteType, { id: 'comment' });
    test.blobs.blobs.set(`recordings/${CONTOSO}/${recordingIds[0]}.events.json`, Buffer.from('{}'));
    const task = await done(await remove({ sessionIds: [id] }));
    expect(task).toMatchObject({ state: 'Succeeded', title: 'Delete 2 recordings' });
    expect(task.results.map(({ detail }) => detail)).toEqual(
      recordingIds.map((one) => `Its file was kept: recordings/${CONTOSO}/${one}.webm`),
    );
    expect(await listed()).toEqual([]);
    expect(names(id)).toEqual(recordingIds.map((one) => `recordings/${CONTOSO}/${one}.webm`));
    expect(await sessionData.read(noteType, 'comment')).toBeUndefined();
    expect(await readSession(id)).toMatchObject({ isEmptied: true, deletions: 0 });
    const begin = { sessionId: id, part: 1, container: 'webm', startedAt: test.time() };
    expect((await test.send('beginRecording', { body: begin })).status).toBe(404);
  });

  it.each(['main', 'archived', 'restricted'])('works for %s recordings, with their files', async (list) => {
    const { id, recordingIds } = await recorded();
    if (list === 'archived') await done(await archive({ recordingIds }));
    if (list === 'restricted')
      expect((await send('restrictRecordings', { body: { recordingIds } })).status).toBe(200);
    expect(await done(await remove({ recordingIds, deleteFiles: true }))).toMatchObject({
      state: 'Succeeded',
    });
    expect(names(id)).toEqual([]);
    expect(await read(recordingIds[0])).toBeUndefined();
  });

  it('waits with the record until no URL can write to its upload any more', async () => {
    const { recordingIds } = await recorded(1, {}, { verifiedAt: test.time(-60), dueAt: test.time(1_140) });
    const [id = ''] = recordingIds;
    await done(await remove({ recordingIds, deleteFiles: true }));
    expect(await listed()).toEqual([]);
    test.blobs.blobs.set(`recordings/incoming/${CONTOSO}/${id}`, Buffer.from('late'));
    await sweepLater(1_200);
    expect(await read(id)).toBeUndefined();
    expect(names(id)).toEqual([]);
  });

  it('removes what was uploaded of it at once: URLs for watching it live are still valid', async () => {
    const change = { live: true, verifiedAt: test.time(-60), dueAt: test.time(1_140) };
    const { id, recordingIds } = await recorded(1, {}, change);
    for (const name of [`${recordingIds[0]}.live`, recordingIds[0]])
      test.blobs.blobs.set(`recordings/incoming/${CONTOSO}/${name}`, Buffer.from('the screen'));
    await done(await remove({ recordingIds, deleteFiles: true }));
    expect(names(id)).toEqual([]);
  });

  it('of one part lets no other part of its session be recorded any more', async () => {
    const { id, recordingIds } = await recorded(2);
    const order = { customerId: CONTOSO, recordingId: recordingIds[0] ?? '', operation: 'run' };
    await deleteRecording(test.services, { ...order, isScheduled: true, deleteFiles: false });
    const begin = (part: number) => ({ sessionId: id, part, container: 'webm', startedAt: test.time() });
    for (const part of [1, 3])
      expect((await test.send('beginRecording', { body: begin(part) })).status).toBe(409);
    expect((await readSession(id))?.isEmptied).toBeUndefined();
    await sweepLater();
    expect((await readSession(id))?.dueAt).toBeUndefined();
  });

  it('lets a site be deleted once its recordings are gone', async () => {
    const other = newId();
    const { recordingIds } = await recorded(1, { siteId: other }, { siteId: other });
    const blockers = () =>
      recordingsOfSite.deletionBlockers?.(test.services, { customerId: CONTOSO, siteId: other });
    expect(await blockers()).toHaveLength(1);
    await done(await archive({ recordingIds }));
    expect(await blockers()).toHaveLength(1);
    await done(await remove({ recordingIds }));
    expect(await blockers()).toEqual([]);
  });

  it('IAM-5: is open to privileged players, not to read-only administrators or other customers', async () => {
    const { recordingIds } = await recorded();
    expect((await remove({ recordingIds }, { token: await as(READER) })).status).toBe(403);
    const foreign = await as({ tid: FABRIKAM, iss: `https://login.test/${FABRIKAM}/v2.0` });
    expect((await remove({ recordingIds }, { token: foreign })).status).toBe(404);
    expect((await remove({ recordingIds }, { token: await as(PLAYER) })).status).toBe(202);
  });
});

describe('MNG-4: a legal hold', () => {
  it('is shown with its reason on all recordings of the session, keeps them, and is logged', async () => {
    const { id, recordingIds } = await recorded(2);
    expect((await hold({ recordingIds: recordingIds.slice(0, 1) })).body['results']).toMatchObject([
      { sessionId: id, recordingIds, outcome: 'changed' },
    ]);
    for (const recording of recordingIds)
      expect((await send('getRecording', { params: { recordingId: recording } })).body).toMatchObject({
        heldAt: test.time(),
        heldBy: { name: 'ada@contoso.example' },
        holdReason: 'Case 7',
      });
    for (const refused of [await archive({ recordingIds }), await remove({ recordingIds })])
      expect(refused).toMatchObject({ status: 409 });
    const order = { customerId: CONTOSO, recordingId: recordingIds[0] ?? '', operation: 'run' };
    await expect(
      archiveRecording(test.services, { ...order, location: 'archive', isScheduled: true }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect((await release({ sessionIds: [id] })).body['results']).toMatchObject([{ outcome: 'changed' }]);
    expect((await read(recordingIds[1]))?.heldAt).toBeUndefined();
    expect(await done(await remove({ recordingIds }))).toMatchObject({ state: 'Succeeded' });
    const entries = (await auditLog(test.services)).filter(({ action }) => /hold|release/.test(action));
    expect(entries).toMatchObject([
      { action: 'recording.hold', new: { held: true, reason: 'Case 7', sessionIds: [id] } },
      { action: 'recording.release', new: { held: false, sessionIds: [id] } },
    ]);
  });

  it('needs a reason and a full administrator', async () => {
    const { recordingIds } = await recorded();
    expect((await hold({ recordingIds, reason: ' ' })).status).toBe(400);
    expect((await hold({ recordingIds }, { token: await as(PLAYER) })).status).toBe(403);
  });

  it('comes too late once a recording of the session is being deleted, and in time while it is archived', async () => {
    const { id, recordingIds } = await recorded(1, {}, { verifiedAt: test.time(), dueAt: test.time(1_200) });
    await done(await remove({ recordingIds }));
    expect((await readSession(id))?.deletions).toBe(1);
    expect((await hold({ sessionIds: [id] })).body['results']).toMatchObject([
      { outcome: 'failed', code: 'conflict' },
    ]);
    const other = await recorded();
    const archiving = { ...(await read(other.recordingIds[0])), state: 'archiving' } as never;
    await (await sessionPartition(test.services, CONTOSO, other.id)).replace(recordingType, archiving);
    expect((await hold({ sessionIds: [other.id] })).body['results']).toMatchObject([{ outcome: 'changed' }]);
  });

  it('and a deletion at the same time exclude each other', async () => {
    for (let n = 0; n < 10; n++) {
      const { id, recordingIds } = await recorded();
      const answer = await remove({ recordingIds });
      const [held] = await Promise.all([hold({ sessionIds: [id] }), done(answer)]);
      const isHeld = (await readSession(id))?.hold !== undefined;
      const outcome = (held.body['results'] as { outcome: string }[] | undefined)?.[0]?.outcome;
      expect(outcome === 'changed').toBe(isHeld);
      expect((await read(recordingIds[0])) !== undefined).toBe(isHeld);
    }
  });

  it('of more than 40 recordings is placed by a task with the reason', async () => {
    const { recordingIds } = await recorded(41);
    expect(await done(await hold({ recordingIds }))).toMatchObject({
      state: 'Succeeded',
      kind: 'holdRecordings',
    });
    expect(await read(recordingIds[40])).toMatchObject({ holdReason: 'Case 7' });
  });
});

describe('RCD-9: a recording on the storage of its server', () => {
  const onServer = { storage: 'server', serverPath: 'D:\\Recordings\\a.webm', blobName: undefined } as const;
  /** What the server answers to the command that it was given. */
  async function answer(status: 'succeeded' | 'failed', more: object) {
    const fetched = await test.send('fetchCommands', { params: { serverId }, query: '?waitSeconds=0' });
    const [command] = fetched.body['value'] as { id: string; kind: string; parameters: object }[];
    const body = { status, ...more };
    await test.send('answerCommand', { params: { serverId, commandId: command?.id ?? '' }, body });
    for (const { queue, message } of test.queues.sent.splice(0))
      if (queue === 'command-results')
        await recordingFileCommands.onOutcome(test.services, message as never, undefined as never, log);
    return command;
  }

  it('is archived by a command, and says where its file is then', async () => {
    const { recordingIds } = await recorded(1, {}, onServer);
    const serverFolder = '\\\\FILES01\\Archive';
    const task = await done(await archive({ recordingIds, serverFolder }));
    expect(task.results[0]?.detail).toContain('server was asked');
    expect(await listed()).toEqual(recordingIds);
    const path = '\\\\FILES01\\Archive\\a.webm';
    const command = await answer('succeeded', { data: { kind: 'archiveFile', path, sizeBytes: 3 } });
    expect(command).toMatchObject({
      kind: 'archiveFile',
      parameters: { path: onServer.serverPath, location: serverFolder },
    });
    expect(await read(recordingIds[0])).toMatchObject({ state: 'archived', serverPath: path });
  });

  it.each([
    ['\\\\FILES01\\Archive', 'all computer accounts'],
    ['E:\\Archive', 'SYSTEM and NETWORK SERVICE'],
  ])('that cannot be archived to %s names the rights that are needed', async (serverFolder, rights) => {
    const { recordingIds } = await recorded(1, {}, onServer);
    await done(await archive({ recordingIds, serverFolder }));
    await answer('failed', { reason: 'access denied' });
    const failed = await read(recordingIds[0]);
    expect(failed).toMatchObject({ state: 'complete', serverPath: onServer.serverPath });
    expect(failed?.archiveFailure).toContain(rights);
    expect(failed?.archiveFailure).toContain('access denied');
  });

  it('is deleted with its file by a command, without it at once', async () => {
    const { recordingIds } = await recorded(1, {}, onServer);
    await done(await remove({ recordingIds, deleteFiles: true }));
    expect((await read(recordingIds[0]))?.state).toBe('deleting');
    // It is in no list any more, and nobody can show, play or follow it.
    for (const id of ['getRecording', 'playRecording', 'listRecordingsOfSession'])
      expect([id, (await send(id, { params: { recordingId: recordingIds[0] ?? '' } })).status]).toEqual([
        id,
        404,
      ]);
    expect(await listed()).toEqual([]);
    for (const id of ['restrict', 'unrestrict', 'release', 'archive', 'delete'])
      expect([id, (await send(`${id}Recordings`, { body: { recordingIds } })).status]).toEqual([id, 404]);
    const sessionIds = recordingIds.map((one) => one.slice(0, 36));
    for (const answered of [hold({ recordingIds }), archive({ sessionIds }), remove({ sessionIds })])
      expect((await answered).status).toBe(404);
    const command = await answer('succeeded', { data: { kind: 'deleteFile', existed: true } });
    expect(command).toMatchObject({ kind: 'deleteFile', parameters: { path: onServer.serverPath } });
    expect(await read(recordingIds[0])).toBeUndefined();
    const other = await recorded(1, {}, onServer);
    const task = await done(await remove({ recordingIds: other.recordingIds }));
    expect(task.results[0]?.detail).toContain(onServer.serverPath);
    expect(await read(other.recordingIds[0])).toBeUndefined();
  });

  it('MNG-1: a repeated request finds the task of its first attempt, which had no answer', async () => {
    const { recordingIds } = await recorded(1, {}, onServer);
    const body = { recordingIds, deleteFiles: true };
    const headers = { 'idempotency-key': 'a'.repeat(20) };
    const refusal = { status: 400, headers: {}, body: '{}' };
    // The answer cannot be kept.
    test.injectFault(async (request, next) =>
      request.body.includes('"done":true') ? refusal : next(request),
    );
    expect((await remove(body, { headers })).status).toBe(500);
    test.injectFault(undefined);
    const tasks = async () => (await send('listTasks')).body['value'] as { id: string }[];
    const [first = { id: '' }] = await tasks();
    await runTaskByHand(test.services, kinds, { customerId: CONTOSO, taskId: first.id });
    expect((await read(recordingIds[0]))?.state).toBe('deleting');
    test.clock.advanceSeconds(61);
    const repeated = await remove(body, { headers });
    expect(repeated).toMatchObject({ status: 202 });
    expect(repeated.headers['operation-location']).toContain(first.id);
    expect(await tasks()).toHaveLength(1);
  });

  it('that could not be deleted is as it was before, and may be held again', async () => {
    const { id, recordingIds } = await recorded(1, {}, onServer);
    await done(await remove({ recordingIds, deleteFiles: true }));
    await answer('failed', { reason: 'in use' });
    expect((await read(recordingIds[0]))?.state).toBe('complete');
    expect((await hold({ sessionIds: [id] })).body['results']).toMatchObject([{ outcome: 'changed' }]);
  });

  it('ends by the sweep when the message with the outcome was lost', async () => {
    const { recordingIds } = await recorded(1, {}, onServer);
    await done(await remove({ recordingIds, deleteFiles: true }));
    test.queues.beforeSend = () => {
      throw new Error('the queue is down');
    };
    await answer('succeeded', { data: { kind: 'deleteFile', existed: true } });
    test.queues.beforeSend = () => undefined;
    expect((await read(recordingIds[0]))?.state).toBe('deleting');
    await sweepLater(901);
    expect(await read(recordingIds[0])).toBeUndefined();
  });
});
