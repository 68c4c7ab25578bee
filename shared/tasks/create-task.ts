/** Creates a task within a request: its items, its document, its message, in this order. */
import { type Change, change } from '../cosmos/partition';
import type { Services } from '../services';
import type { Log } from '../telemetry/telemetry';
import { newTask, type Task, taskType, waiting } from './task';
import type { TaskKind } from './task-kind';
import { storeItems, type TaskRef } from './task-pages';
import { startTaskQueue } from './task-queue';

type Creating = Pick<Services, 'blobs' | 'queues' | 'clock'>;

/** Paths of the operations of tasks. */
export const TASKS_PATH = '/api/v1/tasks';
/** How long a caller should wait before asking for a task's state. */
export const TASK_RETRY_SECONDS = 2;

interface TaskRequest extends Pick<Task, 'id' | 'title' | 'initiator' | 'request' | 'parameters'> {
  customerId: string;
  kind: TaskKind;
  /** What it works through, one text each, such as ids; never a secret. */
  items: readonly string[];
  /**
   * It waits for something else, which starts it by `startTask`; the sweep starts it at this instant. Without it, it is
   * started at once.
   */
  waitsUntil?: Date;
}

/**
 * Creates and starts a task. The same request again, with the same task id, creates and starts nothing twice.
 * @param commit writes the document in the `control` partition, together with whatever belongs to it (its audit entry)
 * @returns the reply of the operation, as far as the task goes: 202, where the task is, when to ask
 */
export async function createTask(
  services: Creating,
  log: Log,
  { customerId, kind, items, waitsUntil, ...given }: TaskRequest,
  commit: (changes: Change[]) => Promise<void>,
) {
  const ref = { customerId, taskId: given.id };
  const pages = await storeItems(services, ref, items);
  const { name, isCancelable, orchestrator } = kind;
  const now = services.clock.now();
  const task = newTask({ ...given, kind: name, isCancelable, orchestrator, total: items.length, pages }, now);
  await commit([change.create(taskType, waitsUntil ? waiting(task, waitsUntil, now) : task)]);
  const reply = taskReply(task.id);
  if (waitsUntil) return reply;
  try {
    await services.queues.send(startTaskQueue, ref);
  } catch (error) {
    // The task exists and the sweep starts it: the request has succeeded.
    log.error('task.not-queued', error, ref);
  }
  return reply;
}

/**
 * The task that an earlier attempt of the same request has created, by the id that the request gives to its task: what it
 * works on may have changed since, so ask this before anything else.
 * @param record records the repetition, so that the request has its audit entry
 * @returns the reply of the operation; undefined when there is no such task
 */
export async function repeatTask(
  { database }: Pick<Services, 'database'>,
  ref: TaskRef,
  record: (task: Task) => Promise<void>,
) {
  const task = await database.control(ref.customerId).read(taskType, ref.taskId);
  if (!task) return undefined;
  await record(task);
  return taskReply(task.id);
}

/** What an operation answers that has started a task: where it is, when to ask. */
export function taskReply(taskId: string) {
  return {
    status: 202,
    operationLocation: `${TASKS_PATH}/${taskId}`,
    retryAfterSeconds: TASK_RETRY_SECONDS,
  } as const;
}
