/** Comments on recordings: made, listed, searched, deleted by their author only, and found again by their author. */
import { call, type TestRequest } from '../../../tests/support/call';
import { auditLog } from '../../../tests/support/logs';
import { MemoryQueues } from '../../../tests/support/memory-storage';
import { recordedSession } from '../../../tests/support/recorded-session';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { newId } from '../../../shared/ids';
import { sessionPartition } from '../../sessions';
import { type Recording, recordingType } from '../recording';
import { commentType, ownCommentType } from './comment';
import { addComment } from './comment-store';
import { commentOperations } from './operations';

const ADA = '00000000-0000-4000-8000-00000000ada0';
const BOB = '00000000-0000-4000-8000-00000000b0b0';
const READER = { roles: ['SessionRecording.ReadOnlyAdmin'] };

let test: TestServices;
let queues: MemoryQueues;
let recording: Recording;
let live: Recording;

beforeEach(async () => {
  test = await startTestServices();
  queues = new MemoryQueues();
  const { part } = await recordedSession(test.services, test.clock.now());
  recording = await part(1, 0, 60);
  live = await part(2, 60, undefined, { state: 'uploading' });
});
afterEach(() => test.close());

const ada = () => test.issuer.token({ oid: ADA, name: 'ada@contoso.example' });
const bob = () => test.issuer.token({ oid: BOB, name: 'bob@contoso.example', ...READER });

async function send(id: string, { token, params, ...request }: TestRequest = {}) {
  const operation = commentOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`there is no operation ${id}`);
  return call({ ...test.services, queues: queues.asQueues() }, operation, {
    token: token ?? (await ada()),
    params: { recordingId: recording.id, ...params },
    ...request,
  });
}

const create = async (body: object, more: TestRequest = {}) => send('createComment', { body, ...more });
const textsOf = ({ body }: { body: Record<string, unknown> }) =>
  (body['value'] as { text: string }[]).map(({ text }) => text);
const listed = async (query = '') => textsOf(await send('listComments', { query }));
const mine = async (more: TestRequest = {}) => textsOf(await send('listOwnComments', more));

it('RCD-5: whoever may play a recording comments on a moment of it, also while it is live', async () => {
  const answer = await create(
    { positionSeconds: 12.5, text: 'Look here', severity: 'medium' },
    { token: await bob() },
  );
  expect(answer).toMatchObject({
    status: 201,
    body: {
      recordingId: recording.id,
      positionSeconds: 12.5,
      text: 'Look here',
      severity: 'medium',
      author: { id: BOB },
      own: true,
    },
  });
  const onLive = { params: { recordingId: live.id } };
  // It began a minute after the first one.
  test.clock.advanceSeconds(4_060);
  expect((await create({ positionSeconds: 4_000, text: 'Still on' }, onLive)).body).toMatchObject({
    severity: 'normal',
  });
  const tooLate = await create({ positionSeconds: 4_011, text: 'Not yet' }, onLive);
  expect(tooLate).toMatchObject({ status: 400, body: { errors: [{ pointer: '/positionSeconds' }] } });
  expect(tooLate.text).toContain('4000 seconds so far');
});

it.each([
  [{ positionSeconds: 61, text: 'Behind the end' }],
  [{ positionSeconds: -1, text: 'Before the start' }],
  [{ positionSeconds: 1, text: ' ' }],
  [{ positionSeconds: 1, text: 'x'.repeat(2_001) }],
  [{ positionSeconds: 1, text: 'Unknown', severity: 'fatal' }],
])('RCD-5: %j is refused', async (body) => {
  expect((await create(body)).body.code).toBe('validation-failed');
});

it('RCD-5: comments are listed by position in pages, filtered by severity and searched', async () => {
  await create({ positionSeconds: 30, text: 'Third', severity: 'severe' });
  await create({ positionSeconds: 10, text: 'First' });
  await create({ positionSeconds: 10, text: 'Second' }, { token: await bob() });
  expect(await listed()).toEqual(['First', 'Second', 'Third']);
  expect(await listed('?severity=severe')).toEqual(['Third']);
  expect(await listed('?text=SECOND')).toEqual(['Second']);
  const first = await send('listComments', { query: '?top=2' });
  expect(textsOf(first)).toEqual(['First', 'Second']);
  expect(await listed(new URL(String(first.body['nextLink'])).search)).toEqual(['Third']);
});

it('RCD-5: only its author deletes a comment; the name of a deleted administrator stays on it', async () => {
  const { body } = await create({ positionSeconds: 1, text: 'Mine' });
  const params = { commentId: String(body['id']) };
  expect((await send('deleteComment', { params, token: await bob() })).status).toBe(403);
  const [comment] = (await send('listComments', { token: await bob() })).body['value'] as object[];
  expect(comment).toMatchObject({ author: { id: ADA }, own: false });
  expect((await send('deleteComment', { params })).status).toBe(204);
  expect((await send('deleteComment', { params })).status).toBe(404);
  expect(await listed()).toEqual([]);
  expect(await mine()).toEqual([]);
});

it('IAM-9: making and deleting a comment are logged, before they are done', async () => {
  const { body } = await create({ positionSeconds: 1, text: 'Mine' });
  await send('deleteComment', { params: { commentId: String(body['id']) } });
  const actions = (await auditLog(test.services)).map(({ action, outcome }) => [action, outcome]);
  expect(actions).toEqual(
    expect.arrayContaining([
      ['comment.create', 'attempted'],
      ['comment.delete', 'attempted'],
    ]),
  );
});

it('RCD-5: own comments are listed newest first, without those on recordings that the caller may not see now', async () => {
  const token = await bob();
  await create({ positionSeconds: 1, text: 'First' }, { token });
  await create({ positionSeconds: 1, text: 'Second' }, { token, params: { recordingId: live.id } });
  await create({ positionSeconds: 1, text: "Ada's" });
  expect(await mine({ token })).toEqual(['Second', 'First']);
  expect(await mine({ token, query: '?top=1' })).toEqual(['Second']);
  const partition = await sessionPartition(test.services, CONTOSO, recording.sessionId);
  const stored = await partition.read(recordingType, live.id);
  if (!stored) throw new Error('there is no recording');
  await partition.replace(recordingType, { ...stored, restrictedAt: test.clock.now().toISOString() });
  expect(await mine({ token })).toEqual(['First']);
  expect((await send('listComments', { token, params: { recordingId: live.id } })).status).toBe(404);
});

it('a crash between the two writes leaves nothing that is shown, and the repeated request completes it', async () => {
  const comment = {
    id: newId(),
    recordingId: recording.id,
    positionSeconds: 1,
    text: 'Twice',
    severity: 'normal' as const,
    author: { id: ADA, name: 'ada' },
    at: test.clock.now().toISOString(),
  };
  const { id, recordingId, at } = comment;
  await test.services.database.people(CONTOSO, ADA).create(ownCommentType, { id, recordingId, at });
  expect(await mine()).toEqual([]);
  await addComment(test.services, CONTOSO, comment);
  await addComment(test.services, CONTOSO, comment);
  expect(await mine()).toEqual(['Twice']);
  await test.services.database.sessionData(CONTOSO, recording.sessionId).remove(commentType, id);
  expect(await mine()).toEqual([]);
});

it('RCD-5: a recording has at most 1,000 comments', async () => {
  const partition = test.services.database.sessionData(CONTOSO, recording.sessionId);
  const author = { id: BOB, name: 'bob' };
  const common = { recordingId: recording.id, positionSeconds: 1, text: 'x', severity: 'normal' as const };
  for (let index = 0; index < 1_000; index++)
    await partition.create(commentType, { ...common, id: newId(), author, at: '2030-01-15T12:00:00.000Z' });
  expect((await create({ positionSeconds: 1, text: 'One more' })).body.code).toBe('conflict');
});
