/**
 * Suite `recordings`: recordings are archived and deleted by processes that die at calls of chance; none is lost, none is
 * playable in part as if it were whole, nothing is left over.
 */
import { startRecordingServerTest } from '../../tests/support/recording-server';
import { line } from '../demo/print';
import type { SoakOptions } from './options';
import { type MoveRun, runMoves } from './recordings/move-run';

/** Fewer would not meet every step. */
const FEWEST_RUNS = 300;

/** Seeds `seed` to `seed + count - 1`, at least 300. @throws Error when one did not end as expected */
export async function soakRecordings({ seed, count }: SoakOptions): Promise<void> {
  const test = await startRecordingServerTest();
  const runs: MoveRun[] = [];
  try {
    for (let index = 0; index < Math.max(count, FEWEST_RUNS); index++) {
      const run = await runMoves(test, seed + index);
      runs.push(run);
      if (run.failure !== undefined) console.error(`seed ${run.seed}: ${run.failure}`);
    }
  } finally {
    await test.close();
  }
  const failed = runs.filter(({ failure }) => failure !== undefined);
  const kills = runs.reduce((sum, run) => sum + run.kills, 0);
  line(`${runs.length} seeds, ${kills} deaths, ${failed.length} failures`);
  if (failed.length > 0) throw new Error(`${failed.length} seeds did not end as expected`);
}
