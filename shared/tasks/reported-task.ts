/** Tasks with one item that something else works on and reports, such as a server that executes a command. */
import type { Change } from '../cosmos/partition';
import { change } from '../cosmos/partition';
import type { Services } from '../services';
import { TASK_RETRY_SECONDS, TASKS_PATH } from './create-task';
import { begin, end, newTask, recordStep, type Task, taskType } from './task';
import type { TaskKind } from './task-kind';
import { type ItemResult, type TaskRef, storeItems, storeResults } from './task-pages';
import { changeTask } from './task-steps';

type Working = Pick<Services, 'database' | 'blobs' | 'clock'>;

interface ReportedTaskRequest extends Pick<Task, 'id' | 'title' | 'initiator' | 'request'> {
  customerId: string;
  kind: TaskKind;
  /** What it is about, such as the id of a server. */
  item: string;
  /** When the kind's `work` is asked for the result, should the report have been lost. */
  endsBy: Date;
}

/**
 * The write that creates the task, running; its item is stored at once. The same request again stores the same item.
 */
export async function reportedTaskCreation(
  services: Pick<Services, 'blobs' | 'clock'>,
  { customerId, kind: { name: kind, isCancelable }, item, endsBy, ...given }: ReportedTaskRequest,
): Promise<Change> {
  const pages = await storeItems(services, { customerId, taskId: given.id }, [item]);
  const now = services.clock.now();
  const created = newTask({ ...given, kind, isCancelable, total: 1, pages }, now);
  return change.create(taskType, { ...(begin(created, now) ?? created), dueAt: endsBy.toISOString() });
}

/** The reply of an operation that has created a task. */
export function taskAccepted(taskId: string) {
  return {
    status: 202,
    body: undefined,
    operationLocation: `${TASKS_PATH}/${taskId}`,
    retryAfterSeconds: TASK_RETRY_SECONDS,
  } as const;
}

/** Adds a step that was reported to the log of the task; the same step again adds nothing. */
export async function reportTaskStep(services: Working, ref: TaskRef, step: string): Promise<void> {
  await changeTask(services, ref, (task, now) => recordStep(task, step, now));
}

/** Ends the task with the result of its item, unless it has ended. */
export async function endReportedTask(services: Working, ref: TaskRef, result: ItemResult): Promise<void> {
  const [stored = result] = await storeResults(services, ref, 0, [result]);
  const counts = { succeeded: 0, failed: 0, [stored.outcome]: 1 };
  await changeTask(services, ref, (task, now) => end(task, { counts }, now));
}
