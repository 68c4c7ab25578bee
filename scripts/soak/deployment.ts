/**
 * Suite `deployment`: every call of Azure refused, throttled, timed out after success, and the process killed before and
 * after it, together with failing templates, cancellations and resources of others.
 */
import { type DeploymentRun, runDeploymentOf } from './deployment/deployment-run';
import { FAULTS } from './deployment/scenarios';
import { line } from '../demo/print';
import type { SoakOptions } from './options';

/** Fewer would not meet every call with every fault and trouble. */
const FEWEST_RUNS = 400;

/** Seeds `seed` to `seed + count - 1`, at least 400. @throws Error when one did not end as expected */
export async function soakDeployments({ seed, count }: SoakOptions): Promise<void> {
  const runs: DeploymentRun[] = [];
  for (let index = 0; index < Math.max(count, FEWEST_RUNS); index++)
    runs.push(await runDeploymentOf(seed + index));
  line('fault                    runs    hit  available  failed  canceled  wrong');
  for (const fault of FAULTS)
    line(
      rowOf(
        fault,
        runs.filter((run) => run.fault === fault),
      ),
    );
  const wrong = runs.filter(({ failure }) => failure !== undefined);
  for (const run of wrong)
    console.error(`seed ${run.seed}, ${run.call} ${run.fault}, ${run.trouble}: ${run.failure}`);
  if (wrong.length > 0)
    throw new Error(`${wrong.length} of ${runs.length} deployments did not end as expected`);
}

function rowOf(fault: string, runs: DeploymentRun[]): string {
  const count = (holds: (run: DeploymentRun) => boolean) => String(runs.filter(holds).length);
  return [
    fault.padEnd(23),
    String(runs.length).padStart(6),
    count(({ wasHit }) => wasHit).padStart(6),
    count(({ state }) => state === 'available').padStart(10),
    count(({ state }) => state === 'failed').padStart(7),
    count(({ state }) => state === 'canceled').padStart(9),
    count(({ failure }) => failure !== undefined).padStart(6),
  ].join(' ');
}
