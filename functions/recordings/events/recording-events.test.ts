import { CONTOSO } from '../../../tests/support/test-issuer';
import { recordedSession } from '../../../tests/support/recorded-session';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import type { Recording } from '../recording';
import { readRecordingEvents } from './recording-events';

let test: TestServices;

beforeAll(async () => {
  test = await startTestServices();
});

afterAll(() => test.close());

async function eventsOf(recording: Recording): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for await (const { id, positionSeconds } of readRecordingEvents(test.services, CONTOSO, recording))
    found.push([id.slice(-2), positionSeconds]);
  return found;
}

it('RCD-5: a recording has the events between its start and its end, in order, with their positions', async () => {
  const { event, receive, part } = await recordedSession(test.services, new Date('2030-01-15T12:00:00.000Z'));
  await receive('later', [event(4, 40), event(3, 30.5), event(7, 100)]);
  await receive('sooner', [event(1, 1), event(2, 20), event(3, 30.5), event(5, 50)]);
  for (let batch = 0; batch < 40; batch++) await receive(`behind ${batch}`, [event(80, 200 + batch)]);
  expect(await eventsOf(await part(1, 1, 40))).toEqual([
    ['01', 0],
    ['02', 19],
    ['03', 29.5],
    ['04', 39],
  ]);
  const withoutEnd = await part(2, 40.001);
  await part(3, 100.5, 150);
  expect(await eventsOf(withoutEnd)).toEqual([
    ['05', 9.999],
    ['07', 59.999],
  ]);
});
