import type { SessionEvent } from '../../policies/engine';
import { keepEventBatch } from '../../sessions/event-batch';
import { sessionPartition } from '../../sessions';
import { newSessionId, recordingId } from '../../../shared/ids';
import { openMonth } from '../../../shared/months/customer-months';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { type Recording, recordingType } from '../recording';
import { readRecordingEvents } from './recording-events';

const START = Date.UTC(2030, 0, 15, 12);
const sessionId = newSessionId(new Date(START));
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

let test: TestServices;

beforeAll(async () => {
  test = await startTestServices();
  await openMonth(test.services, CONTOSO, '2030-01');
});

afterAll(() => test.close());

function event(number: number, seconds: number): SessionEvent {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return { id, type: 'appStart', time: at(seconds), data: { appName: 'notepad.exe' } };
}

async function receive(id: string, events: SessionEvent[]): Promise<void> {
  const batch = { id, receivedAt: at(0), policyVersion: null, events };
  await keepEventBatch(test.services, CONTOSO, sessionId, batch);
}

async function part(number: number, startedAt: string, endedAt?: string): Promise<Recording> {
  const recording: Recording = {
    id: recordingId(sessionId, number),
    sessionId,
    part: number,
    siteId: 'site',
    serverId: 'server',
    container: 'mp4',
    state: 'complete',
    userName: 'CONTOSO\\ada',
    userKey: 'contoso\\ada',
    accountKey: 'ada',
    startedAt,
    endedAt,
  };
  return (await sessionPartition(test.services, CONTOSO, sessionId)).createOrRead(recordingType, recording);
}

async function events(recording: Recording): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for await (const { id, positionSeconds } of readRecordingEvents(test.services, CONTOSO, recording))
    found.push([id.slice(-2), positionSeconds]);
  return found;
}

it('RCD-5: a recording has the events between its start and its end, in order, with their positions', async () => {
  await receive('later', [event(4, 40), event(3, 30.5), event(7, 100)]);
  await receive('sooner', [event(1, 1), event(2, 20), event(3, 30.5), event(5, 50)]);
  for (let batch = 0; batch < 40; batch++) await receive(`empty ${batch}`, [event(80, 200 + batch)]);
  const first = await part(1, at(1), at(40));
  expect(await events(first)).toEqual([
    ['01', 0],
    ['02', 19],
    ['03', 29.5],
    ['04', 39],
  ]);
  const second = await part(2, at(40.001));
  await part(3, at(100.5), at(150));
  expect(await events(second)).toEqual([
    ['05', 9.999],
    ['07', 59.999],
  ]);
});
