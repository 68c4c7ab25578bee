/** The activities of a task's orchestration. Each may run more than once: they are idempotent. */
import { z } from 'zod';
import { retryConflicts } from '../cosmos/retry';
import type { Stored } from '../cosmos/document-type';
import type { Activity } from '../functions/trigger';
import { Problem } from '../problem';
import { mapConcurrently } from '../pure/map-concurrently';
import type { Services } from '../services';
import { begin, end, hasEnded, recordProgress, type Task, type TaskCounts, taskType } from './task';
import type { TaskKind } from './task-kind';
import { type ItemResult, readItems, readResults, storeResults, type TaskRef, taskRef } from './task-pages';

export const BEGIN_TASK = 'beginTask';
export const WORK_ON_TASK_PAGE = 'workOnTaskPage';
export const RECORD_TASK_PROGRESS = 'recordTaskProgress';
export const END_TASK = 'endTask';

const CONCURRENT_ITEMS = 4;

export const taskCounts = z.object({ succeeded: z.int(), failed: z.int() });
const pageOfTask = z.object({ ref: taskRef, page: z.int() });
const progress = z.object({ ref: taskRef, counts: taskCounts });
const ending = progress.extend({ isCanceled: z.boolean(), error: z.string().optional() });

/** The result of a page; `isStopped`: it was not started, since the task is canceled or has ended. */
export interface PageOutcome extends TaskCounts {
  isStopped: boolean;
}

type Storing = Pick<Services, 'database' | 'clock'>;

/** The activities for tasks of these kinds. */
export function taskSteps(kinds: readonly TaskKind[]) {
  return {
    begin: step({ name: BEGIN_TASK, input: taskRef, handler: beginTask }),
    workOnPage: step({
      name: WORK_ON_TASK_PAGE,
      input: pageOfTask,
      handler: (services, input) => workOnPage(services, kinds, input),
    }),
    recordProgress: step({ name: RECORD_TASK_PROGRESS, input: progress, handler: storeProgress }),
    end: step({ name: END_TASK, input: ending, handler: endTask }),
  };
}

function step<T>(activity: Activity<T>): Activity<T> {
  return activity;
}

/** The task, or undefined when there is none (any more). */
export async function readTask(
  { database }: Pick<Services, 'database'>,
  { customerId, taskId }: TaskRef,
): Promise<Stored<Task> | undefined> {
  return database.control(customerId).read(taskType, taskId);
}

/** Stores the task as `next` makes it, unless that is undefined. Returns the task as stored. */
export async function changeTask(
  services: Storing,
  ref: TaskRef,
  next: (task: Stored<Task>, now: Date) => Stored<Task> | undefined,
): Promise<Stored<Task> | undefined> {
  return retryConflicts(async () => {
    const task = await readTask(services, ref);
    const changed = task && next(task, services.clock.now());
    if (!changed || changed === task) return task;
    return services.database.control(ref.customerId).replace(taskType, changed);
  });
}

/** Makes the task run, and says how many pages it has; null when there is nothing to do any more. */
async function beginTask(services: Storing, ref: TaskRef): Promise<{ pages: number } | null> {
  const task = await changeTask(services, ref, begin);
  return task?.state === 'Running' ? { pages: task.pages } : null;
}

/** Works on a page unless that was done before; its results are stored when all of its items are through. */
async function workOnPage(
  services: Services,
  kinds: readonly TaskKind[],
  { ref, page }: z.output<typeof pageOfTask>,
): Promise<PageOutcome> {
  const known = await readResults(services, ref, page);
  if (known) return outcomeOf(known);
  const task = await readTask(services, ref);
  if (!task || hasEnded(task) || task.cancelRequest) return { succeeded: 0, failed: 0, isStopped: true };
  const kind = kinds.find(({ name }) => name === task.kind);
  if (!kind) throw new Error(`there is no kind of task ${task.kind}`);
  return outcomeOf(await workOnItems(services, kind, { task, page }, ref));
}

/** Works on the items of a page and stores their results. @returns the results that were stored first */
export async function workOnItems(
  services: Services,
  kind: Pick<TaskKind, 'work'>,
  { task, page }: { task: Task; page: number },
  ref: TaskRef,
): Promise<ItemResult[]> {
  const items = await readItems(services, ref, page);
  const context = { customerId: ref.customerId, task };
  const results = await mapConcurrently(items, CONCURRENT_ITEMS, (item) =>
    workOnItem(services, kind, context, item),
  );
  return storeResults(services, ref, page, results);
}

async function workOnItem(
  services: Services,
  kind: Pick<TaskKind, 'work'>,
  context: Parameters<TaskKind['work']>[1],
  item: string,
): Promise<ItemResult> {
  try {
    return { item, outcome: 'succeeded', detail: await kind.work(services, context, item) };
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return { item, outcome: 'failed', code: error.code, detail: error.detail };
  }
}

function outcomeOf(results: readonly ItemResult[]): PageOutcome {
  const failed = results.filter(({ outcome }) => outcome === 'failed').length;
  return { succeeded: results.length - failed, failed, isStopped: false };
}

/** Stores the counts so far, and says whether to go on. */
async function storeProgress(
  services: Storing,
  { ref, counts }: z.output<typeof progress>,
): Promise<{ goOn: boolean }> {
  const task = await changeTask(services, ref, (known, now) => recordProgress(known, counts, now));
  return { goOn: task !== undefined && !hasEnded(task) && task.cancelRequest === undefined };
}

async function endTask(
  services: Storing & Pick<Services, 'blobs'>,
  { ref, ...ended }: z.output<typeof ending>,
): Promise<void> {
  const counts = ended.error === undefined ? ended.counts : await countResults(services, ref);
  await changeTask(services, ref, (task, now) => end(task, { ...ended, counts }, now));
}

/** What has its result, also in the round of pages that failed. */
async function countResults(
  services: Pick<Services, 'database' | 'blobs'>,
  ref: TaskRef,
): Promise<TaskCounts> {
  const counts = { succeeded: 0, failed: 0 };
  const task = await readTask(services, ref);
  for (let page = 0; page < (task?.pages ?? 0); page++) {
    const { succeeded, failed } = outcomeOf((await readResults(services, ref, page)) ?? []);
    counts.succeeded += succeeded;
    counts.failed += failed;
  }
  return counts;
}
