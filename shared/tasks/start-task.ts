/** Starts the orchestrations of tasks: from the queue, and from a sweep for starts that were lost. */
import { DocumentGone, DocumentStale } from '../cosmos/errors';
import { type OrchestrationStarter, startOrchestration } from '../functions/start-orchestration';
import type { Services } from '../services';
import type { Log } from '../telemetry/telemetry';
import { RUN_TASK } from './run-task';
import { hasEnded, resume, taskType } from './task';
import type { TaskRef } from './task-pages';
import { startTaskQueue } from './task-queue';
import { readTask } from './task-steps';

type Starting = Pick<Services, 'database'>;

/**
 * Starts the orchestration of a task under the task's id. One that runs already is left alone; one that has died is
 * run again, which repeats nothing that has its result.
 */
export async function startTask(
  services: Starting,
  ref: TaskRef,
  client: OrchestrationStarter,
): Promise<void> {
  const task = await readTask(services, ref);
  if (!task || hasEnded(task)) return;
  await startOrchestration(client, task.orchestrator ?? RUN_TASK, ref.taskId, ref);
}

/** Ends a message that failed in every attempt: the sweep sends another one. */
export async function dropTaskStart(_services: unknown, { taskId }: TaskRef, log: Log): Promise<void> {
  log.warn('task.not-started', { taskId });
}

/** Of one run; the next one goes on. */
const MAX_TASKS = 1_000;

/** Starts tasks again whose message, or whose orchestration, was lost; ends those that make no progress for a day. */
export async function resumeTasks(
  services: Pick<Services, 'database' | 'queues' | 'clock'>,
  log: Log,
): Promise<void> {
  const due = services.database.sweep<{ customerId: string; id: string }>(
    'control',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'task' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  let resumed = 0;
  for await (const { customerId, id } of due) {
    if (resumed++ === MAX_TASKS) break;
    const ref = { customerId, taskId: id.slice(`${taskType.name}:`.length) };
    try {
      await resumeTask(services, ref);
    } catch (error) {
      log.error('task.not-resumed', error, ref);
    }
  }
  if (resumed > 0) log.info('tasks.resumed', { resumed });
}

async function resumeTask(services: Pick<Services, 'database' | 'queues' | 'clock'>, ref: TaskRef) {
  const task = await readTask(services, ref);
  const next = task && resume(task, services.clock.now());
  if (!next) return;
  if (next.start) await services.queues.send(startTaskQueue, ref);
  try {
    await services.database.control(ref.customerId).replace(taskType, next.task);
  } catch (error) {
    // Somebody works on it after all.
    if (!(error instanceof DocumentStale || error instanceof DocumentGone)) throw error;
  }
}
