/** The journey while calls of the pipeline fail: it ends as if they had not. */
import { disturbance } from '../../scripts/soak/faults';
import { MATRIX, randomCases } from '../../scripts/soak/faults/fault-cases';
import { JourneyBench } from '../../scripts/soak/journey/journey-bench';
import { startService, type TestService } from '../support/service';

/** Those that recover soon. All calls with all kinds of failure, and random ones: npm run soak -- --suite faults */
const CASES = [
  'batch of events stored fails after success',
  'events published fails after success',
  'events delivered happens twice',
  'response created fails after success',
  'action sent to the queue happens twice',
  'mail sent to the SMTP server fails before',
  'action recorded as done fails after success',
  'result of the command recorded fails before',
];
const SEED = 1;

let service: TestService;
let bench: JourneyBench;

beforeAll(async () => {
  service = await startService({ hostFlags: ['--queue-lease-seconds', '5'] });
  bench = new JourneyBench(service.stack);
}, 60_000);

afterAll(async () => {
  await service?.stop();
  bench?.close();
});

test('CCL-6: a journey whose calls fail, are lost, repeated or late ends like an undisturbed one', async () => {
  const cases = [...MATRIX.filter(({ name }) => CASES.includes(name)), ...randomCases(SEED, 2)];
  expect(cases).toHaveLength(CASES.length + 2);
  await bench.playBaseline();
  const disturbances = cases.map((faultCase) => disturbance(service.stack, faultCase));
  const runs = await bench.playDisturbed(disturbances, 5, 'faults');
  expect(runs.map(({ name, failure }) => ({ name, failure }))).toEqual(
    cases.map(({ name }) => ({ name, failure: undefined })),
  );
  // The mail server had not accepted the mail that it refused.
  expect(runs.map(({ repeatedMails }) => repeatedMails)).toEqual(cases.map(() => 0));
}, 600_000);
