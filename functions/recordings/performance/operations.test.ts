import { call } from '../../../tests/support/call';
import { recordedSession, type RecordedSession } from '../../../tests/support/recorded-session';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { storeSessionSamples } from '../../sessions';
import type { Recording } from '../recording';
import { performanceOperations } from './operations';

let test: TestServices;
let recorded: RecordedSession;

beforeEach(async () => {
  test = await startTestServices();
  recorded = await recordedSession(test.services, test.clock.now());
  test.clock.advanceSeconds(3_600);
});
afterEach(() => test.close());

async function storeSamples(session = recorded.session) {
  const { at } = recorded;
  const samples = Array.from({ length: 20 }, (_, second) => ({ time: at(second), cpuPercent: second }));
  await storeSessionSamples(test.services, session, { batchId: 'later', samples: samples.slice(10) });
  await storeSessionSamples(test.services, session, { batchId: 'sooner', samples: samples.slice(0, 10) });
  await storeSessionSamples(test.services, session, { batchId: 'sooner', samples: samples.slice(0, 10) });
}

async function show({ id }: Recording) {
  const [operation] = performanceOperations;
  if (!operation) throw new Error('there is no operation');
  const token = await test.issuer.token();
  return (await call(test.services, operation, { token, params: { recordingId: id } })).body;
}

it('RCD-7: a recording shows the averages of its own time, each sample once', async () => {
  const { decision } = recorded.session;
  recorded = await recordedSession(test.services, new Date(recorded.at(0)), {
    decision: { ...decision, logPerformanceData: true },
  });
  await storeSamples();
  expect(await show(await recorded.part(1, 5, 17))).toEqual({
    available: true,
    intervalSeconds: 5,
    value: [
      { positionSeconds: 0, cpuPercent: 7 },
      { positionSeconds: 5, cpuPercent: 12 },
      { positionSeconds: 10, cpuPercent: 16 },
    ],
  });
});

it('RCD-7: without a detection policy that logs performance data there is none, and why', async () => {
  await storeSamples();
  expect(await show(await recorded.part(1, 0, 60))).toEqual({
    available: false,
    reason: 'The event detection policy of the session did not log performance data.',
    intervalSeconds: 5,
    value: [],
  });
});

it('RCD-7: a recording from before a roll-over shows what was logged then', async () => {
  const rollOver = { part: 2, at: recorded.at(30), outcome: 'continues' as const, showNotification: false };
  recorded = await recordedSession(test.services, new Date(recorded.at(0)), { rollOver });
  await storeSamples();
  expect(await show(await recorded.part(1, 0, 30))).toMatchObject({ available: true });
  expect(await show(await recorded.part(2, 30, 60))).toMatchObject({ available: false });
});
