/** The end of a run of storage maintenance, with its digest for the feed and for those who subscribed to it. */
import type { Activity } from '../../../shared/activity/activity-event';
import { activityChange, reportActivity } from '../../../shared/activity/report-activity';
import { change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { end, hasEnded, type Task, taskType } from '../../../shared/tasks/task';
import type { TaskRef } from '../../../shared/tasks/task-pages';
import { readTask } from '../../../shared/tasks/task-steps';
import { runOf } from './maintenance-run';
import type { MaintenanceCounts } from './maintenance-task';

interface RunEnd {
  ref: TaskRef;
  counts: MaintenanceCounts;
  /** Why it stopped before its end, if it did. */
  stopped: string | null;
}

/** Ends the task and reports the digest in one batch; a run that was given up gets its digest alone. Idempotent. */
export async function endRun(
  services: Pick<Services, 'database' | 'clock'>,
  { ref, counts, stopped }: RunEnd,
): Promise<void> {
  const { customerId } = ref;
  const control = services.database.control(customerId);
  await retryConflicts(async () => {
    const task = await readTask(services, ref);
    if (!task) return;
    const { archived, deleted, skipped, failed } = counts;
    const ended = end(
      task,
      {
        counts: { succeeded: archived + deleted + skipped, failed },
        ...(stopped === null ? {} : { isCanceled: true, error: stopped }),
      },
      services.clock.now(),
    );
    if (!ended && hasEnded(task)) return reportActivity(services, customerId, digestOf(task, counts));
    if (ended)
      await control.commit([
        change.replace(taskType, ended, task.etag),
        activityChange(digestOf(ended, counts)),
      ]);
  });
}

/** What a run did, in one sentence. */
function digestOf(task: Task, { archived, deleted, skipped, failed }: MaintenanceCounts): Activity {
  const { siteId, siteName, runAt } = runOf(task);
  const parts = [
    `${archived} archived`,
    `${deleted} deleted`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const why = task.error === undefined ? '' : ` It stopped before its end: ${task.error}`;
  const isFine = failed === 0 && task.error === undefined;
  return {
    at: new Date(task.endedAt ?? task.createdAt),
    key: task.id,
    kind: 'storageMaintenance.finished',
    severity: isFine ? 'information' : 'warning',
    message: `Storage maintenance of ${siteName} is done. Recordings: ${parts.join(', ')}.${why}`,
    siteId,
    details: { taskId: task.id, runAt: runAt.toISOString(), archived, deleted, skipped, failed },
  };
}
