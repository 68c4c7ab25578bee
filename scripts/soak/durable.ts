/**
 * Suite `durable`: seeded orchestrations on one or two hosts that are killed; each ends with the result of an
 * undisturbed run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { line, table } from '../demo/print';
import type { SoakOptions } from './options';
import { bundleHostAndApp } from './durable/durable-hosts';
import { type DurableRun, runKilled, runBaseline } from './durable/durable-run';

/** Seeds `seed` to `seed + count - 1`. @throws Error when one did not end as expected */
export async function soakDurable({ seed, count }: SoakOptions): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'soak-durable-'));
  try {
    const bundles = await bundleHostAndApp(folder, 'scripts/soak/durable/program.app.ts');
    const seeds = Array.from({ length: count }, (_, index) => seed + index);
    const baseline = await runBaseline(bundles, folder, seeds);
    line(`the programs of ${count} seeds have been run undisturbed; now each with kills`);
    const runs: DurableRun[] = [];
    for (const one of seeds) {
      const run = await runKilled(bundles, folder, one, baseline.get(one) ?? []);
      runs.push(run);
      line(
        `${run.failure === undefined ? 'ok    ' : 'FAILED'}  ${String(run.seconds).padStart(5)} s  seed ${one}`,
      );
    }
    report(runs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(runs: readonly DurableRun[]): void {
  line('');
  table(
    ['seed', 'hosts', 'kills', 'repeated activities', 'seconds', 'result'],
    runs.map(({ seed, instances, kills, repeatedActivities, seconds, failure }) => [
      seed,
      instances,
      kills,
      repeatedActivities,
      seconds,
      failure === undefined ? 'same as undisturbed' : 'FAILED',
    ]),
  );
  const failed = runs.filter(({ failure }) => failure !== undefined);
  const kills = runs.reduce((sum, run) => sum + run.kills, 0);
  line(`${runs.length} seeds, ${kills} kills, ${failed.length} failures`);
  for (const { seed, failure } of failed) console.error(`\nseed ${seed}:\n${failure}`);
  if (failed.length > 0) throw new Error(`${failed.length} seeds did not end as expected`);
}
