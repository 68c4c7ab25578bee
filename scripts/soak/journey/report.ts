/** What the suites that disturb journeys print. */
import { line, table } from '../../demo/print';
import type { Run } from './journey-bench';

/** Prints one line when a journey has ended. */
export function printRun({ name, failure, seconds }: Run): void {
  line(`${failure === undefined ? 'ok    ' : 'FAILED'}  ${String(seconds).padStart(4)} s  ${name}`);
}

/** The table of all journeys. @throws Error when one of them failed */
export function reportRuns(what: string, runs: readonly Run[], seed: number): void {
  line('');
  table(
    [what, 'seconds', 'mails repeated', 'notices too late', 'result'],
    runs.map((run) => [run.name, run.seconds, run.repeatedMails, run.lateNotices, resultOf(run)]),
  );
  const failed = runs.filter(({ failure }) => failure !== undefined);
  const disturbed = runs.filter(({ wasDisturbed }) => wasDisturbed);
  line(`${runs.length} journeys, ${disturbed.length} of them disturbed, ${failed.length} failures`);
  for (const { name, failure } of failed) console.error(`\n“${name}”, seed ${seed}:\n${failure}`);
  if (failed.length > 0) throw new Error(`${failed.length} journeys did not end as expected`);
}

function resultOf({ failure, wasDisturbed }: Run): string {
  if (failure !== undefined) return 'FAILED';
  return wasDisturbed ? 'same as undisturbed' : 'not reached';
}
