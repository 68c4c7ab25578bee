/**
 * The orchestration of a run of storage maintenance: finds what is due in rounds, has batches of it worked on through a
 * queue, and waits for each round. It holds ids, counts and a position; a round that is planned again stays as it was.
 */
import type { OrchestrationContext } from 'durable-functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { taskRef } from '../../../shared/tasks/task-pages';
import { BEGIN_TASK } from '../../../shared/tasks/task-steps';
import { ACTIONS } from './due';

export const RUN_MAINTENANCE = 'runStorageMaintenance';
export const PLAN_ROUND = 'planMaintenanceRound';
export const CHECK_ROUND = 'checkMaintenanceRound';
export const END_RUN = 'endMaintenanceRun';

/** A history is replayed at every step: it is restarted (continue-as-new) after this many. */
const STEPS_PER_HISTORY = 60;
const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 30;
/** A message that was lost is sent again after this time. */
const RESEND_SECONDS = 900;

export const position = z.object({
  action: z.enum(ACTIONS),
  monthKey: z.string(),
  after: z.string().optional(),
});

export const maintenanceCounts = z.object({
  archived: z.int(),
  deleted: z.int(),
  skipped: z.int(),
  failed: z.int(),
});
type Counts = z.output<typeof maintenanceCounts>;

const NOTHING: Counts = { archived: 0, deleted: 0, skipped: 0, failed: 0 };

const runInput = taskRef.extend({
  round: z.int().default(0),
  /** Where the round begins to look; absent: at the beginning. */
  from: position.optional(),
  /** The number of its first page. */
  page: z.int().default(0),
  /** How many recordings the rounds before have found. */
  total: z.int().default(0),
  /** Of the rounds before. */
  counts: maintenanceCounts.default(NOTHING),
});

/** The round as it was planned; `next`: where the one after it begins, null at the end. */
export interface PlannedRound {
  pages: number;
  /** How many recordings this round and those before have found. */
  total: number;
  next: z.output<typeof position> | null;
  /** Why the run stops before it, if it does. */
  stopped: string | null;
}

/** What has come of a round so far. */
export interface CheckedRound {
  openPages: number;
  counts: Counts;
  /** The task has ended: it was given up. */
  hasEnded: boolean;
}

/** Plan a round, wait for its pages, go on with the next one, end. */
export function* runMaintenance(context: OrchestrationContext): Generator<df.Task, void, unknown> {
  const { customerId, taskId, ...start } = runInput.parse(context.df.getInput());
  const ref = { customerId, taskId };
  let { round, from, page, total, counts } = start;
  const retries = new df.RetryOptions(5_000, 8);
  retries.backoffCoefficient = 2;
  let steps = 0;
  const call = (name: string, input: unknown) => {
    steps++;
    return context.df.callActivityWithRetry(name, retries, input);
  };

  if ((yield call(BEGIN_TASK, ref)) === null) return;
  for (;;) {
    const planned = (yield call(PLAN_ROUND, { ref, round, from, page, total })) as PlannedRound;
    let checked: CheckedRound = { openPages: planned.pages, counts, hasEnded: false };
    let waitedSeconds = 0;
    for (let wait = FIRST_WAIT_SECONDS; checked.openPages > 0 && !checked.hasEnded; wait *= 1.5) {
      if (steps >= STEPS_PER_HISTORY) {
        context.df.continueAsNew({ ...ref, round, from, page, total, counts });
        return;
      }
      const seconds = Math.min(wait, LONGEST_WAIT_SECONDS);
      const wakeAt = new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
      steps++;
      yield context.df.createTimer(wakeAt);
      waitedSeconds += seconds;
      const resend = waitedSeconds >= RESEND_SECONDS;
      if (resend) waitedSeconds = 0;
      const pages = { page, pages: planned.pages };
      checked = (yield call(CHECK_ROUND, { ref, ...pages, before: counts, resend })) as CheckedRound;
    }
    counts = checked.counts;
    if (planned.stopped !== null || planned.next === null || checked.hasEnded) {
      yield call(END_RUN, { ref, counts, stopped: planned.stopped });
      return;
    }
    round++;
    from = planned.next;
    page += planned.pages;
    total = planned.total;
    if (steps >= STEPS_PER_HISTORY) {
      context.df.continueAsNew({ ...ref, round, from, page, total, counts });
      return;
    }
  }
}
