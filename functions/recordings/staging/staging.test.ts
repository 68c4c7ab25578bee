/** Files that stay on their server: fetched for playback, once at a time, verified, removed, and what happens when that fails. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { recordingId as recordingIdOf } from '../../../shared/ids';
import { startTaskQueue } from '../../../shared/tasks/task-queue';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { call } from '../../../tests/support/call';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { runTaskByHand } from '../../../tests/support/sample-tasks';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { taskOperations } from '../../monitoring';
import { commandResultsQueue, expireCommands, serverTaskCommands, takeCommandReport } from '../../servers';
import { sessionPartition } from '../../sessions';
import { endDeletion } from '../moves/delete-recording';
import { playbackOperations } from '../playback/operations';
import { recordingType } from '../recording';
import { findRecording } from '../store';
import { manifestHash } from '../upload/manifest';
import { removeStagedFiles } from './remove-staged-files';
import { stageFileTask } from './stage-task';
import { discardStaged } from './staged-file';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const log = lineLog(() => undefined);
const FILE = readFileSync(path.join(__dirname, '../../../tests/support/media/screen.webm'));
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const BLOCKS = [FILE.subarray(0, 1_000), FILE.subarray(1_000)].map((content, index) => ({
  blockId: Buffer.from(`block-${index}`).toString('base64'),
  sizeBytes: content.length,
  sha256: sha256(content),
}));

let test: RecordingServerTest;
let serverId: string;
let recordingId: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register();
  const sessionId = await test.startSession(serverId);
  const onServer = { storage: 'server', serverPath: 'D:\\Recordings\\1.webm' };
  const body = { sessionId, part: 1, container: 'webm', startedAt: test.time(), ...onServer };
  await test.send('beginRecording', { body });
  recordingId = recordingIdOf(sessionId, 1);
  const params = { recordingId };
  const completed = { endedAt: test.time(60), blocks: BLOCKS };
  const reply = await test.send('completeRecording', { params, body: completed });
  expect(reply.body).toMatchObject({ state: 'complete' });
});
afterEach(() => test.close());

async function ask(id: string, params: Record<string, string>) {
  const operation = [...playbackOperations, ...taskOperations([stageFileTask])].find((one) => one.id === id);
  if (!operation) throw new Error(`there is no operation ${id}`);
  return call(test.services, operation, { token: await test.issuer.token(), params });
}
const play = () => ask('playRecording', { recordingId });
const taskOf = (reply: { headers: Record<string, string> }) =>
  (reply.headers['operation-location'] ?? '').split('/').at(-1) ?? '';
const task = async (reply: { headers: Record<string, string> }) =>
  (await ask('getTask', { id: taskOf(reply) })).body;

interface Delivered {
  id: string;
  kind: string;
  parameters: Record<string, string>;
}
const commands = async () =>
  (await test.send('fetchCommands', { params: { serverId }, query: '?waitSeconds=0' })).body[
    'value'
  ] as Delivered[];
const stagedNames = () => [...test.blobs.blobs.keys()].filter((name) => name.includes('/staged/'));

/** Delivers the outcomes of commands, and runs the tasks that they end. */
async function settle() {
  const client = {
    startNew: async (_name: string, options?: { input?: unknown }) => {
      await runTaskByHand(test.services, [stageFileTask], startTaskQueue.message.parse(options?.input));
      return 'started';
    },
    getStatus: () => Promise.reject(new Error('there is no status')),
    raiseEvent: () => Promise.reject(new Error('nobody waits')),
  };
  for (const { queue, message } of test.queues.sent.splice(0))
    if (queue === commandResultsQueue.name) {
      const report = commandResultsQueue.message.parse(message);
      await takeCommandReport([serverTaskCommands])(test.services, report, client, log);
    }
}

/** The server does what it was asked for: uploads this content, or refuses with a reason. */
async function answer({ content, refusal }: { content?: Buffer; refusal?: string }) {
  const [command] = await commands();
  if (!command) throw new Error('there is no command');
  const name = new URL(String(command.parameters['url'])).pathname.slice('/recordings/'.length);
  if (content) await test.blobs.putOnce('recordings', name, content);
  const data = { kind: 'uploadFile', sizeBytes: content?.length };
  const body = refusal === undefined ? { status: 'succeeded', data } : { status: 'failed', reason: refusal };
  const reply = await test.send('answerCommand', { params: { serverId, commandId: command.id }, body });
  expect(reply.status).toBe(204);
  await settle();
  return command;
}

it('RCD-9: a file on its server is fetched by a command, answered by 202 with a task, and then played', async () => {
  const first = await play();
  expect([first.status, first.text]).toEqual([202, '']);
  const command = await answer({ content: FILE });
  const parameters = { path: 'D:\\Recordings\\1.webm', sizeBytes: FILE.length, recordingId };
  expect(command).toMatchObject({ kind: 'uploadFile', parameters });
  expect(await task(first)).toMatchObject({ state: 'Succeeded', kind: 'stageRecording' });
  const played = await play();
  expect(played.status).toBe(200);
  const name = `recordings/staged/${CONTOSO}/${recordingId}/${taskOf(first)}`;
  expect(played.body['media']).toMatchObject({
    url: `https://blob.test/${name}?sp=r&se=1800`,
    contentType: 'video/webm',
    sizeBytes: FILE.length,
  });
  expect(test.blobs.blobs.get(name)).toEqual(FILE);
});

it('RCD-9: the server gets a URL for creating this one blob alone, which is stored nowhere', async () => {
  const reply = await play();
  const [command] = await commands();
  const url = new URL(String(command?.parameters['url']));
  expect(url.pathname).toBe(`/recordings/staged/${CONTOSO}/${recordingId}/${taskOf(reply)}`);
  expect(url.searchParams.get('sp')).toBe('c');
  expect((await test.stored('presence')).join('')).not.toContain('blob.test');
});

it('RCD-9: repeated and concurrent requests start no second task while one runs', async () => {
  const replies = await Promise.all([play(), play(), play()]);
  expect(replies.map(({ status }) => status)).toEqual([202, 202, 202]);
  expect(new Set([...replies, await play()].map(taskOf)).size).toBe(1);
  expect(await commands()).toHaveLength(1);
});

it.each([
  ['another content of the same size', Buffer.alloc(FILE.length, 7), 'hash that was announced'],
  ['another size', FILE.subarray(1), `${FILE.length - 1} bytes, not ${FILE.length}`],
])('RCD-9: %s is not played, and is deleted', async (_, content, reason) => {
  const reply = await play();
  await answer({ content });
  const failed = await task(reply);
  expect(failed).toMatchObject({ state: 'Failed' });
  expect(failed['error']).toContain(reason);
  expect(stagedNames()).toEqual([]);
  expect((await play()).status).toBe(202);
});

it('RCD-9: a server that refuses fails the task with its reason and what to do; then it may be asked again', async () => {
  const reply = await play();
  await answer({ refusal: 'access denied' });
  expect((await task(reply))['error']).toMatch(/access denied\. See whether .*on-premises player/);
  const again = await play();
  expect(taskOf(again)).not.toBe(taskOf(reply));
  await answer({ content: FILE });
  expect((await play()).status).toBe(200);
});

it('RCD-9: a server that is offline fails the task, which says what to do', async () => {
  const reply = await play();
  test.clock.advanceSeconds(301);
  await expireCommands(test.services, log);
  await settle();
  const failed = await task(reply);
  expect(failed).toMatchObject({ state: 'Failed' });
  expect(failed['error']).toContain('see whether the server is online');
});

it('RCD-9: the copy is removed a day later, and fetched again when it is played then', async () => {
  await play();
  await answer({ content: FILE });
  test.clock.advanceSeconds(86_000);
  // It is played now: the copy stays for another day.
  expect((await play()).status).toBe(200);
  test.clock.advanceSeconds(1_000);
  await removeStagedFiles(test.services, log);
  expect(stagedNames()).toHaveLength(1);
  test.clock.advanceSeconds(86_400);
  await removeStagedFiles(test.services, log);
  expect(stagedNames()).toEqual([]);
  expect((await test.stored('recordings')).join('')).not.toContain('staged-file');
  expect((await play()).status).toBe(202);
});

it('RCD-9: what a server uploads after its time is removed, and never played', async () => {
  await play();
  const [command] = await commands();
  const name = new URL(String(command?.parameters['url'])).pathname.slice('/recordings/'.length);
  test.clock.advanceSeconds(7_801);
  await test.blobs.putOnce('recordings', name, FILE);
  expect((await play()).status).toBe(202);
  test.clock.advanceSeconds(11_401);
  await removeStagedFiles(test.services, log);
  expect(stagedNames()).toEqual([]);
});

it('RCD-9: the copy goes with its recording, also one that is uploaded afterwards', async () => {
  const reply = await play();
  const [command] = await commands();
  const recording = await findRecording(test.services, CONTOSO, recordingId);
  if (!recording || !command) throw new Error('there is no recording or no command');
  const name = new URL(String(command.parameters['url'])).pathname.slice('/recordings/'.length);
  await test.blobs.putOnce('recordings', name, FILE);
  await endDeletion(test.services, CONTOSO, recording);
  expect(stagedNames()).toEqual([]);
  await test.blobs.putOnce('recordings', name, FILE);
  const body = { status: 'succeeded', data: { kind: 'uploadFile', sizeBytes: FILE.length } };
  await test.send('answerCommand', { params: { serverId, commandId: command.id }, body });
  await settle();
  expect(await task(reply)).toMatchObject({ state: 'Failed', error: 'The recording was deleted.' });
  expect(stagedNames()).toEqual([]);
});

it('RCD-9: a copy whose verification cannot be recorded is not played; then it is fetched again', async () => {
  const reply = await play();
  let faults = 0;
  test.injectFault(async (request, next) => {
    if (request.method !== 'PUT' || !request.path.includes('staged-file')) return next(request);
    faults++;
    return { status: 403, headers: {}, body: '{}' };
  });
  await answer({ content: FILE });
  test.injectFault(undefined);
  expect(faults).toBeGreaterThan(0);
  expect((await task(reply))['state']).toBe('Failed');
  const again = await play();
  expect(again.status).toBe(202);
  expect(taskOf(again)).not.toBe(taskOf(reply));
  await answer({ content: FILE });
  expect((await play()).status).toBe(200);
});

it('RCD-9: a copy that is gone is fetched again', async () => {
  await play();
  await answer({ content: FILE });
  await discardStaged(test.services, CONTOSO, recordingId);
  expect((await play()).status).toBe(202);
});

it('RCD-9: a file that is too large to be fetched answers 409', async () => {
  const partition = await sessionPartition(test.services, CONTOSO, recordingId.slice(0, 36));
  const recording = await partition.read(recordingType, recordingId);
  if (!recording) throw new Error('there is no recording');
  expect(recording.manifestHash).toBe(manifestHash(BLOCKS));
  await partition.replace(recordingType, { ...recording, sizeBytes: 5_000 * 1024 * 1024 + 1 });
  const { status, body } = await play();
  expect([status, body.code]).toEqual([409, 'playback-unavailable']);
  expect(body['detail']).toContain('too large');
});

it('RCD-9: wherever a request is interrupted, repeating it ends in one task with one command', async () => {
  let interruptions = 0;
  for (let failing = 1, failed = true; failed; failing++) {
    let writes = 0;
    failed = false;
    test.injectFault(async (request, next) => {
      if (request.method === 'POST' && ++writes === failing) {
        failed = true;
        return { status: 403, headers: {}, body: '{}' };
      }
      return next(request);
    });
    await play();
    test.injectFault(undefined);
    const reply = await play();
    expect(reply.status).toBe(202);
    const delivered = await commands();
    expect(delivered.map(({ id }) => id)).toEqual([taskOf(reply)]);
    expect((await task(reply))['state']).toBe('Running');
    await answerAll(delivered);
    if (failed) interruptions++;
  }
  expect(interruptions).toBeGreaterThanOrEqual(4);
});

/** The server refuses: the next attempt starts over. */
async function answerAll(delivered: Delivered[]) {
  for (const { id } of delivered) {
    const body = { status: 'failed', reason: 'try again' };
    await test.send('answerCommand', { params: { serverId, commandId: id }, body });
  }
  await settle();
}
