/** Points of interest and summary of a recording, and its rating. */
import { call } from '../../../tests/support/call';
import { recordedSession, type RecordedSession } from '../../../tests/support/recorded-session';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { MemoryBlobs, MemoryQueues, MemoryTopic } from '../../../tests/support/memory-storage';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import type { SessionResponse } from '../../../shared/events/session-responses';
import { newId } from '../../../shared/ids';
import { rateRecordingsQueue } from '../../../shared/recordings/rate-recordings-queue';
import type { SessionEvent } from '../../policies/engine';
import { receiveEvents } from '../../sessions';
import { addComment } from '../comments/comment-store';
import type { Recording } from '../recording';
import { findRecording } from '../store';
import { insightOperations } from './operations';
import { rateRecording } from './rate-recording';

const MIB = 1_048_576;
let test: TestServices;
let queues: MemoryQueues;
let responses: SessionResponse[];

beforeEach(async () => {
  test = await startTestServices();
  responses = [];
  queues = new MemoryQueues();
});
afterEach(() => test.close());

async function* readResponses() {
  yield* await Promise.resolve(responses);
}

async function show(operationId: string, { id }: Recording): Promise<Record<string, unknown>> {
  const operation = insightOperations(readResponses).find((item) => item.id === operationId);
  if (!operation) throw new Error(`There is no operation ${operationId}`);
  const token = await test.issuer.token();
  return (await call(test.services, operation, { token, params: { recordingId: id } })).body;
}
const points = (recording: Recording) => show('getPointsOfInterest', recording);
const moments = async (recording: Recording) =>
  (await points(recording))['moments'] as { kind: string; appName?: string }[];

const withQueues = () => ({ ...test.services, queues: queues.asQueues() });
const rate = ({ id }: Recording, more: object = {}) =>
  rateRecording(readResponses)(withQueues(), { customerId: CONTOSO, recordingId: id, ...more });
const scoreOf = async ({ id }: Recording) => (await findRecording(test.services, CONTOSO, id))?.score;

/** A session of ten minutes on a day, in which some programs were started. */
async function recorded(day: number, programs: string[]) {
  const start = new Date(Date.UTC(2030, 0, 1 + day, 9));
  const session = await recordedSession(test.services, start);
  const number = day * 100;
  await session.receive(
    'programs',
    programs.map((appName, index) => session.event(number + index, index + 1, { data: { appName } })),
  );
  return { ...session, recording: await session.part(1, 0, 600), number };
}

const response = (eventTime: string, ...kinds: string[]): SessionResponse => ({
  eventId: newId(),
  eventType: 'appStart',
  eventTime,
  ruleId: 'rule',
  ruleName: 'Shells',
  actions: kinds.map((kind) => ({ kind, state: kind === 'sendEmail' ? 'done' : 'sent' })),
});

it('RCD-11: events, responses and severe comments are points of interest, with their facts', async () => {
  const { recording, receive, event, at } = await recorded(1, ['cmd.exe']);
  await receive('more', [
    event(1, 60, { type: 'userAccountModification', data: { userName: 'eve' } }),
    event(2, 120, {
      type: 'fileTransfer',
      data: { fileSource: 'host', fileSizeBytes: 20 * MIB, fileName: 'payroll.xlsx' },
    }),
    event(3, 180, { type: 'rdpConnection', data: { ipAddress: '10.0.0.9' } }),
    event(4, 700, { type: 'rdpConnection', data: { ipAddress: '10.0.0.10' } }),
  ]);
  responses.push(response(at(1), 'sendEmail', 'lockSession'), response(at(700), 'logOffSession'));
  const author = { id: 'ada', name: 'ada@contoso.example' };
  const comment = { recordingId: recording.id, positionSeconds: 61, text: 'Why?', author, at: at(900) };
  await addComment(test.services, CONTOSO, { ...comment, id: newId(), severity: 'severe' });
  await addComment(test.services, CONTOSO, { ...comment, id: newId(), severity: 'medium' });
  const found = await points(recording);
  expect(found['moments']).toMatchObject([
    { kind: 'severeComment', points: 40, positionSeconds: 61, text: 'Why?', author },
    { kind: 'response', points: 30, positionSeconds: 1, ruleName: 'Shells' },
    { kind: 'accountChange', points: 25, positionSeconds: 60, userName: 'eve' },
    { kind: 'connection', points: 15, positionSeconds: 180, ipAddress: '10.0.0.9' },
    { kind: 'fileTransfer', points: 10, fileName: 'payroll.xlsx', sizeBytes: 20 * MIB },
  ]);
  expect(found['score']).toBe(120);
  expect((found['eventsPerMinute'] as number[]).slice(0, 5)).toEqual([1, 1, 1, 1, 0]);
  await rate(recording);
  expect(await scoreOf(recording)).toBe(120);
  expect(await points(recording)).toEqual(found);
});

it('RCD-11: a program that the user did not start in 90 days is rare, and stays so for the recording', async () => {
  for (let day = 0; day < 5; day++) await rate((await recorded(day, ['excel.exe'])).recording);
  const { recording } = await recorded(80, ['excel.exe', 'Mimikatz.exe']);
  expect(await moments(recording)).toMatchObject([
    { kind: 'rareProgram', appName: 'Mimikatz.exe', otherRecordings: 5, recordingsWithProgram: 0 },
  ]);
  // A repeated message counts the recording once, and does not compare it with itself.
  for (const more of [{}, {}, { eventsChanged: true }]) await rate(recording, more);
  expect(await scoreOf(recording)).toBe(15);
  expect(await moments(recording)).toHaveLength(1);
  const next = await recorded(81, ['mimikatz.exe']);
  expect(await moments(next.recording)).toEqual([]);
  // Of the six recordings before, one lies within 90 days: there is nothing to compare with.
  const later = await recorded(160, ['other.exe']);
  expect(await moments(later.recording)).toEqual([]);
});

it('RCD-11: what comes after the rating changes it, what expires does not', async () => {
  const { recording, receive, event, at } = await recorded(1, ['cmd.exe']);
  await rate(recording);
  expect(await scoreOf(recording)).toBe(0);
  responses.push(response(at(1), 'lockSession'));
  await rate(recording);
  expect(await scoreOf(recording)).toBe(30);
  responses.length = 0;
  await rate(recording);
  expect(await scoreOf(recording)).toBe(30);
  await receive('late', [event(9, 500, { type: 'rdpConnection', data: { ipAddress: '10.0.0.9' } })]);
  await rate(recording, { eventsChanged: true });
  expect(await scoreOf(recording)).toBe(45);
});

describe('RCD-2: events that come after the end of a recording', () => {
  /** Batches arrive at the service as from a server; the queue is worked off a minute later. */
  async function receiveLate(session: RecordedSession['session'], events: SessionEvent[]) {
    const services = {
      ...withQueues(),
      blobs: new MemoryBlobs().asStore(),
      events: new MemoryTopic().asPublisher(),
    };
    await receiveEvents(services, session, { batchId: newId(), events });
  }
  async function workOff(): Promise<void> {
    test.clock.advanceSeconds(60);
    for (let sent = queues.sent.shift(); sent; sent = queues.sent.shift())
      await rateRecording(readResponses)(withQueues(), rateRecordingsQueue.message.parse(sent.message));
  }
  const fieldsOf = async ({ id }: Recording) => {
    const { eventCount, eventTypes, eventWords, score } =
      (await findRecording(test.services, CONTOSO, id)) ?? {};
    return { eventCount, eventTypes, eventWords, score };
  };

  it('are counted, found and rated, however often some come, in every recording of their time', async () => {
    const session = await recordedSession(test.services, new Date('2030-01-02T09:00:00.000Z'));
    const [first, second] = [await session.part(1, 0, 600), await session.part(2, 600.001, 1200)];
    const live = await session.part(3, 1200.001, undefined, { state: 'uploading' });
    const connection = (number: number, seconds: number, ipAddress: string) =>
      session.event(number, seconds, { type: 'rdpConnection', data: { ipAddress } });
    // Its session is still live.
    await receiveLate(session.session, [
      connection(1, 700, 'alpha'),
      session.event(2, 5),
      session.event(3, 1300),
    ]);
    await workOff();
    expect(await fieldsOf(first)).toMatchObject({ eventCount: 1, eventTypes: ['appStart'], score: 0 });
    expect(await fieldsOf(second)).toMatchObject({ eventCount: 1, eventWords: ['alpha'], score: 15 });
    expect((await fieldsOf(live)).eventCount).toBeUndefined();
    const ended = { ...session.session, state: 'ended' as const };
    for (const [index, word] of ['beta', 'gamma', 'delta'].entries()) {
      await receiveLate(ended, [connection(10 + index, 800 + index, word)]);
      await workOff();
    }
    expect(await fieldsOf(second)).toMatchObject({
      eventCount: 4,
      eventWords: ['alpha', 'beta', 'gamma', 'delta'],
      score: 60,
    });
    expect((await fieldsOf(first)).eventCount).toBe(1);
    expect((await show('getRecordingSummary', second))['eventCount']).toBe(4);
  });

  it('are read once for all batches of a minute', async () => {
    const { recording, session, event } = await recorded(1, ['cmd.exe']);
    const ended = { ...session, state: 'ended' as const };
    let reads = 0;
    test.injectFault((request, next) => {
      if (request.body.includes('SELECT') && request.body.includes('event-batch')) reads++;
      return next(request);
    });
    await receiveLate(ended, [event(0, 10)]);
    await workOff();
    const readsOfOnePass = reads;
    for (let batch = 1; batch < 6; batch++) await receiveLate(ended, [event(batch, 10 + batch)]);
    await workOff();
    expect((await fieldsOf(recording)).eventCount).toBe(7);
    expect(readsOfOnePass).toBeGreaterThan(0);
    expect(reads).toBe(2 * readsOfOnePass);
  });

  it('are counted in an abandoned recording, and none of a fresh batch of a live session costs a message', async () => {
    const session = await recordedSession(test.services, test.clock.now());
    const abandoned = await session.part(1, 0, undefined, { state: 'abandoned' });
    await receiveLate(session.session, [session.event(1, 0)]);
    expect(queues.sent).toEqual([]);
    await receiveLate({ ...session.session, state: 'ended' }, [
      session.event(2, 0, { data: { appName: 'late' } }),
    ]);
    await workOff();
    expect(await fieldsOf(abandoned)).toMatchObject({ eventCount: 2, score: undefined });
  });
});

it('RCD-11: a live recording is not rated', async () => {
  const session = await recordedSession(test.services, test.clock.now());
  const live = await session.part(1, 0, undefined, { state: 'uploading' });
  await rate(live);
  expect(await scoreOf(live)).toBeUndefined();
});

it('RCD-11: the summary has programs by focus time, files, commands, alerts and the idle share', async () => {
  const { recording, receive, event, at } = await recorded(1, ['cmd.exe', 'excel.exe']);
  await receive('more', [
    event(1, 0, { type: 'topMost', data: { appName: 'excel.exe' } }),
    event(2, 150, { type: 'topMost', data: { appName: 'cmd.exe' } }),
    event(3, 300, { type: 'fileTransfer', data: { fileSource: 'host', fileSizeBytes: 7 } }),
    event(4, 400, { type: 'idle', data: { idleSeconds: 60 } }),
  ]);
  responses.push(response(at(1), 'sendEmail'), response(at(2), 'lockSession'));
  const summary = await show('getRecordingSummary', recording);
  expect(summary).toEqual({
    durationSeconds: 600,
    score: 40,
    programs: [
      { appName: 'cmd.exe', totalSeconds: 450, share: 0.75 },
      { appName: 'excel.exe', totalSeconds: 150, share: 0.25 },
    ],
    filesOut: { files: 1, sizeBytes: 7 },
    filesIn: { files: 0, sizeBytes: 0 },
    commandCount: 1,
    alertCount: 1,
    responseCount: 2,
    eventCount: 6,
    idleSeconds: 60,
    idleShare: 0.1,
  });
  await rate(recording);
  expect(await show('getRecordingSummary', recording)).toEqual(summary);
});
