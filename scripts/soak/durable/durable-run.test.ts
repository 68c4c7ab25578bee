/** A few seeds of `npm run soak -- --suite durable`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Bundles, bundleHostAndApp } from './durable-hosts';
import { runKilled, runBaseline } from './durable-run';

jest.setTimeout(180_000);

const SEEDS = [1, 2, 3];
const folder = mkdtempSync(path.join(tmpdir(), 'soak-durable-test-'));
let bundles: Bundles;
let baseline: Map<number, string[][]>;
beforeAll(async () => {
  bundles = await bundleHostAndApp(folder, 'scripts/soak/durable/program.app.ts');
  baseline = await runBaseline(bundles, folder, SEEDS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(SEEDS)(
  'the orchestrations of seed %i have the same result when their hosts are killed',
  async (seed) => {
    const run = await runKilled(bundles, folder, seed, baseline.get(seed) ?? []);
    expect(run.failure).toBeUndefined();
    expect(run.kills).toBeGreaterThan(1);
  },
);
