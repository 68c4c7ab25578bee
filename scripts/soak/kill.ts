/** The suite of kills: each named step by itself, then seeded times, each in a journey that nothing else disturbs. */
import type { SoakOptions } from '../soak';
import { table, line } from '../demo/print';
import { KillBench, type KillRun, randomPoints, STEP_POINTS } from './kill/kill-runs';

/** @throws Error when a journey came to another end than the one that was left alone */
export async function soakKills({ seed, count, only }: SoakOptions): Promise<void> {
  const points = [...STEP_POINTS, ...randomPoints(seed, count)].filter(
    ({ name }) => only === undefined || name.includes(only),
  );
  const bench = await KillBench.start();
  try {
    await bench.playUndisturbed();
    line(`a journey that is left alone has been played; ${points.length} that are killed follow`);
    const runs = await bench.playKilled(points, 1, `seed-${seed}`, ({ name, failure, seconds }) => {
      line(`${failure === undefined ? 'ok    ' : 'FAILED'}  ${String(seconds).padStart(4)} s  ${name}`);
    });
    report(runs, bench.killer.kills, seed);
  } finally {
    await bench.stop();
  }
}

function report(runs: readonly KillRun[], kills: number, seed: number): void {
  line('');
  table(
    ['killed at', 'seconds', 'mails repeated', 'notices too late', 'result'],
    runs.map(({ name, seconds, repeatedMails, lateNotices, failure }) => [
      name,
      seconds,
      repeatedMails,
      lateNotices,
      failure === undefined ? 'as if never killed' : 'FAILED',
    ]),
  );
  const failed = runs.filter(({ failure }) => failure !== undefined);
  line(`${runs.length} journeys, ${kills} kills, ${failed.length} failures`);
  for (const { name, failure } of failed) console.error(`\n“${name}”, seed ${seed}:\n${failure}`);
  if (failed.length > 0) throw new Error(`${failed.length} journeys did not end as they should`);
}
