/** The activities of a run of storage maintenance. Each may run more than once: they are idempotent. */
import { z } from 'zod';
import type { Activity } from '../../../shared/functions/trigger';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import type { Services } from '../../../shared/services';
import { hasEnded, recordProgress, withItems } from '../../../shared/tasks/task';
import { PAGE_ITEMS, readResults, storePage, type TaskRef, taskRef } from '../../../shared/tasks/task-pages';
import { changeTask, readTask } from '../../../shared/tasks/task-steps';
import { maintenanceBatchQueue } from './batches';
import { endRun } from './end-run';
import { findDue } from './find-due';
import { runOf, whyStopped } from './maintenance-run';
import { countResults, itemOf, type MaintenanceCounts } from './maintenance-task';
import { readRound, type Round, storeRound } from './rounds';
import {
  CHECK_ROUND,
  type CheckedRound,
  END_RUN,
  maintenanceCounts,
  PLAN_ROUND,
  type PlannedRound,
  position,
} from './run-maintenance';

/** 16 batches: what is on its way at the same time, whatever the size of the site. */
const ITEMS_OF_A_ROUND = 16 * PAGE_ITEMS;
const CONCURRENT_PAGES = 8;

const planning = z.object({
  ref: taskRef,
  round: z.int(),
  from: position.optional(),
  page: z.int(),
  total: z.int(),
});
const checking = z.object({
  ref: taskRef,
  page: z.int(),
  pages: z.int(),
  before: maintenanceCounts,
  resend: z.boolean(),
});
const ending = z.object({ ref: taskRef, counts: maintenanceCounts, stopped: z.string().nullable() });

export const maintenanceSteps = {
  plan: step({ name: PLAN_ROUND, input: planning, handler: planRound }),
  check: step({ name: CHECK_ROUND, input: checking, handler: checkRound }),
  end: step({ name: END_RUN, input: ending, handler: endRun }),
};

function step<T>(activity: Activity<T>): Activity<T> {
  return activity;
}

/** Decides what a round works on, once, and sends its batches. */
async function planRound(services: Services, plan: z.output<typeof planning>): Promise<PlannedRound> {
  const { ref, round: number, page: firstPage } = plan;
  const known = await readRound(services, ref, number);
  const round = known ?? (await decideRound(services, plan));
  if (typeof round === 'string') return { pages: 0, total: plan.total, next: null, stopped: round };
  const pages = pagesOf(round);
  await mapConcurrently([...pages.entries()], CONCURRENT_PAGES, ([index, items]) =>
    storePage(services, ref, firstPage + index, items),
  );
  const total = plan.total + round.items.length;
  await changeTask(services, ref, (task) => withItems(task, { total, pages: firstPage + pages.length }));
  await sendBatches(services, ref, await openPages(services, ref, { page: firstPage, pages: pages.length }));
  return { pages: pages.length, total, next: round.next ?? null, stopped: null };
}

/** Finds what is due next; a text is the reason why the run stops. */
async function decideRound(
  services: Services,
  { ref, round, from }: z.output<typeof planning>,
): Promise<Round | string> {
  const task = await readTask(services, ref);
  if (!task || hasEnded(task)) return 'The task has ended.';
  if (task.cancelRequest) return 'It was canceled.';
  const run = runOf(task);
  const why = await whyStopped(services, ref.customerId, run);
  if (why !== undefined) return why;
  const { siteId, limits, settings } = run;
  const query = {
    customerId: ref.customerId,
    siteId,
    limits,
    archivesServerFiles: settings.serverFolder !== undefined,
  };
  const { due, next } = await findDue(services, query, { from, limit: ITEMS_OF_A_ROUND });
  return storeRound(services, ref, round, { items: due.map(itemOf), next });
}

/** What has come of a round so far; stores the progress of the task. */
async function checkRound(
  services: Services,
  { ref, before, resend, ...range }: z.output<typeof checking>,
): Promise<CheckedRound> {
  const numbers = Array.from({ length: range.pages }, (_, index) => range.page + index);
  const results = await mapConcurrently(numbers, CONCURRENT_PAGES, (page) =>
    readResults(services, ref, page),
  );
  const counts = add(before, countResults(results.flatMap((known) => known ?? [])));
  const open = numbers.filter((_, index) => results[index] === undefined);
  const { failed } = counts;
  const progress = { succeeded: counts.archived + counts.deleted + counts.skipped, failed };
  const task = await changeTask(services, ref, (known, now) =>
    // Without progress it becomes due, and is given up after a day.
    progress.succeeded + failed > known.counts.succeeded + known.counts.failed
      ? recordProgress(known, progress, now)
      : undefined,
  );
  if (resend) await sendBatches(services, ref, open);
  return { openPages: open.length, counts, hasEnded: !task || hasEnded(task) };
}

function pagesOf({ items }: Round): string[][] {
  return Array.from({ length: Math.ceil(items.length / PAGE_ITEMS) }, (_, page) =>
    items.slice(page * PAGE_ITEMS, (page + 1) * PAGE_ITEMS),
  );
}

async function openPages(
  services: Services,
  ref: TaskRef,
  { page, pages }: { page: number; pages: number },
): Promise<number[]> {
  const numbers = Array.from({ length: pages }, (_, index) => page + index);
  const results = await mapConcurrently(numbers, CONCURRENT_PAGES, (number) =>
    readResults(services, ref, number),
  );
  return numbers.filter((_, index) => results[index] === undefined);
}

async function sendBatches(services: Services, ref: TaskRef, pages: readonly number[]): Promise<void> {
  await mapConcurrently(pages, CONCURRENT_PAGES, (page) =>
    services.queues.send(maintenanceBatchQueue, { ...ref, page }),
  );
}

function add(one: MaintenanceCounts, other: MaintenanceCounts): MaintenanceCounts {
  return {
    archived: one.archived + other.archived,
    deleted: one.deleted + other.deleted,
    skipped: one.skipped + other.skipped,
    failed: one.failed + other.failed,
  };
}
