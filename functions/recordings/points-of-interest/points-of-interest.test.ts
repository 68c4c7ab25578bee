/** Points of interest and summary of a recording, and its rating. */
import { call } from '../../../tests/support/call';
import { recordedSession } from '../../../tests/support/recorded-session';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import type { SessionResponse } from '../../../shared/events/session-responses';
import { newId } from '../../../shared/ids';
import { addComment } from '../comments/comment-store';
import type { Recording } from '../recording';
import { findRecording } from '../store';
import { insightOperations } from './operations';
import { rateRecording } from './rate-recording';

const MIB = 1_048_576;
let test: TestServices;
let responses: SessionResponse[];

beforeEach(async () => {
  test = await startTestServices();
  responses = [];
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

const rate = ({ id }: Recording, more: object = {}) =>
  rateRecording(readResponses)(test.services, { customerId: CONTOSO, recordingId: id, ...more });
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
