/** The journey while the service is killed at steps that each leave different work unfinished. */
import { KillBench, STEP_POINTS } from '../../scripts/soak/kill/kill-runs';

/** Those that recover soon. All of them, and random times: npm run soak -- --suite kill */
const STEPS = ['events in flight', 'response created', 'lock queued', 'recording completed'];

let bench: KillBench;

beforeAll(async () => {
  bench = await KillBench.start();
}, 60_000);

afterAll(() => bench?.stop());

test('CCL-6: a journey whose service is killed ends like an undisturbed one', async () => {
  const points = STEP_POINTS.filter(({ name }) => STEPS.includes(name));
  expect(points).toHaveLength(STEPS.length);
  // One at a time: a kill that interrupts other journeys makes them wait for the end of a lease.
  const runs = await bench.play(points, 1, 'killed');
  expect(runs.map(({ name, failure }) => ({ name, failure }))).toEqual(
    points.map(({ name }) => ({ name, failure: undefined })),
  );
  expect(bench.kills).toBe(STEPS.length);
}, 600_000);
