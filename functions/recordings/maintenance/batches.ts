/** Batches of a run of storage maintenance: pages of its task, worked on through a queue. */
import { z } from 'zod';
import { ConcurrencyLimit } from '../../../shared/concurrency-limit';
import { Problem } from '../../../shared/problem';
import type { QueueDefinition } from '../../../shared/queues/queue';
import type { Services } from '../../../shared/services';
import { hasEnded, type Task } from '../../../shared/tasks/task';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { readResults, taskRef } from '../../../shared/tasks/task-pages';
import { readTask, workOnItems } from '../../../shared/tasks/task-steps';
import type { Log } from '../../../shared/telemetry/telemetry';
import { runOf, whyStopped } from './maintenance-run';
import { maintenanceTask, skipped } from './maintenance-task';

const batch = taskRef.extend({ page: z.int() });
type Batch = z.output<typeof batch>;

export const maintenanceBatchQueue: QueueDefinition<Batch> = { name: 'maintenance-batches', message: batch };

type Work = Pick<TaskKind, 'work'>;

/** More instances work on more; one alone must not keep storage from answering others. The host hands out 24 at most. */
const batchesOfInstance = new ConcurrencyLimit({ concurrent: 4, waiting: 64, retryAfterSeconds: 10 });

/** Works on a batch; a repeated message changes nothing. Any error has the queue try it again. */
export async function workOnBatch(services: Services, message: Batch): Promise<void> {
  await batchesOfInstance.run(() => finishBatch(services, message, maintenanceTask));
}

/** After the last attempt of a batch: what still cannot be done fails alone, and the next run tries it again. */
export async function giveUpBatch(services: Services, message: Batch, log: Log): Promise<void> {
  const tolerant: Work = {
    work: (...work) =>
      maintenanceTask.work(...work).catch((error: unknown) => {
        if (error instanceof Problem && error.status < 500) throw error;
        log.error('maintenance.item-failed', error, message);
        throw new Problem(
          'conflict',
          'It could not be done in several attempts; the next run tries it again.',
          { cause: error },
        );
      }),
  };
  await batchesOfInstance.run(() => finishBatch(services, message, tolerant));
}

async function finishBatch(services: Services, { page, ...ref }: Batch, kind: Work): Promise<void> {
  if (await readResults(services, ref, page)) return;
  const task = await readTask(services, ref);
  if (!task) return;
  const why = await whyNotWorkedOn(services, ref.customerId, task);
  await workOnItems(
    services,
    why === undefined ? kind : { work: async () => skipped(why) },
    { task, page },
    ref,
  );
}

/** Also the batches of a run that stops get results: whoever waits for them waits no longer. */
async function whyNotWorkedOn(
  services: Services,
  customerId: string,
  task: Task,
): Promise<string | undefined> {
  if (hasEnded(task)) return 'The task has ended.';
  return task.cancelRequest ? 'The task was canceled.' : whyStopped(services, customerId, runOf(task));
}
