/** The journey while the service is killed at steps that each leave something else half done. */
import { KillBench, STEP_POINTS } from '../../scripts/soak/kill/kill-runs';

/** Those that are taken up again soon. All of them, and times of chance: npm run soak -- --suite kill */
const STEPS = ['events in flight', 'response created', 'lock queued', 'recording completed'];

let bench: KillBench;

beforeAll(async () => {
  bench = await KillBench.start();
}, 60_000);

afterAll(() => bench?.stop());

test('a journey that is killed in the middle ends as one that was left alone', async () => {
  const points = STEP_POINTS.filter(({ name }) => STEPS.includes(name));
  expect(points).toHaveLength(STEPS.length);
  // One at a time: a kill that meets others in the middle of an action has them wait for the end of its lease.
  const runs = await bench.play(points, 1, 'killed');
  expect(runs.map(({ name, failure }) => ({ name, failure }))).toEqual(
    points.map(({ name }) => ({ name, failure: undefined })),
  );
  expect(bench.kills).toBe(STEPS.length);
}, 600_000);
