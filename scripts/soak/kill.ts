/** The kill suite: a kill at each named step, then at seeded times, each in a journey without other disturbances. */
import type { SoakOptions } from './options';
import { line } from '../demo/print';
import { reportRuns, printRun } from './journey/report';
import { KillBench, randomPoints, STEP_POINTS } from './kill/kill-runs';

/** @throws Error when a journey ended differently from the undisturbed one */
export async function soakKills({ seed, count, only }: SoakOptions): Promise<void> {
  const points = [...STEP_POINTS, ...randomPoints(seed, count)].filter(
    ({ name }) => only === undefined || name.includes(only),
  );
  const bench = await KillBench.start();
  try {
    line(`one undisturbed journey, then ${points.length} that are killed`);
    const runs = await bench.play(points, 1, `seed-${seed}`, printRun);
    line(`${bench.kills} kills`);
    reportRuns('killed at', runs, seed);
  } finally {
    await bench.stop();
  }
}
