/** Deployments under faults: a spread of the seeded suite `npm run soak -- --suite deployment`. */
import { runDeploymentOf } from './deployment-run';

it('HST-3: under every fault of every call it ends as planned, makes nothing twice and leaves nothing unlisted', async () => {
  const runs = [];
  for (let seed = 0; seed < 300; seed++) runs.push(await runDeploymentOf(seed));
  expect(runs.filter(({ failure }) => failure !== undefined)).toEqual([]);
  expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['available', 'failed', 'canceled']));
  expect(runs.filter(({ wasHit }) => wasHit).length).toBeGreaterThan(100);
});
