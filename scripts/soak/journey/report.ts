/** What the suites that disturb journeys print. */
import { line, table } from '../../demo/print';
import type { Run } from './journey-bench';

/** One line as soon as a journey has ended. */
export function tellRun({ name, failure, seconds }: Run): void {
  line(`${failure === undefined ? 'ok    ' : 'FAILED'}  ${String(seconds).padStart(4)} s  ${name}`);
}

/** The table of all journeys. @throws Error when one of them failed */
export function reportRuns(disturbed: string, runs: readonly Run[], seed: number): void {
  line('');
  table(
    [disturbed, 'seconds', 'mails repeated', 'notices too late', 'result'],
    runs.map(({ name, seconds, repeatedMails, lateNotices, failure }) => [
      name,
      seconds,
      repeatedMails,
      lateNotices,
      failure === undefined ? 'as if left alone' : 'FAILED',
    ]),
  );
  const failed = runs.filter(({ failure }) => failure !== undefined);
  line(`${runs.length} journeys, ${failed.length} failures`);
  for (const { name, failure } of failed) console.error(`\n“${name}”, seed ${seed}:\n${failure}`);
  if (failed.length > 0) throw new Error(`${failed.length} journeys did not end as they should`);
}
