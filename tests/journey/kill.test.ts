/** The journey while the service is killed at steps that each leave something else half done. */
import { KillBench, randomPoints, STEP_POINTS } from '../../scripts/soak/kill/kill-runs';

/** Those that are taken up again soon. All of them, and more times of chance: npm run soak -- --suite kill */
const STEPS = ['events in flight', 'response created', 'lock queued', 'recording completed', 'session ended'];
const SEED = 1;

let bench: KillBench;

beforeAll(async () => {
  bench = await KillBench.start();
}, 60_000);

afterAll(() => bench?.stop());

test('a journey that is killed in the middle ends as one that was left alone', async () => {
  const points = [...STEP_POINTS.filter(({ name }) => STEPS.includes(name)), ...randomPoints(SEED, 1)];
  expect(points).toHaveLength(STEPS.length + 1);
  const runs = await bench.play(points, 3, 'killed');
  expect(runs.map(({ name, failure }) => ({ name, failure }))).toEqual(
    points.map(({ name }) => ({ name, failure: undefined })),
  );
  expect(bench.kills).toBeGreaterThanOrEqual(2);
}, 600_000);
