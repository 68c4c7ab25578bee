/** The orchestration of every task: pages of items, some at a time. It holds ids and counts only. */
import type { OrchestrationContext } from 'durable-functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import type { TaskEnd } from './task';
import { taskRef } from './task-pages';
import {
  BEGIN_TASK,
  END_TASK,
  type PageOutcome,
  RECORD_TASK_PROGRESS,
  taskCounts,
  WORK_ON_TASK_PAGE,
} from './task-steps';

export const RUN_TASK = 'runTask';

const PAGES_AT_ONCE = 4;
/** A history is replayed at every step: a long one is begun anew after so many rounds. */
const ROUNDS_PER_HISTORY = 25;

const runInput = taskRef.extend({
  /** The page to go on with, and what came of those before. */
  page: z.int().default(0),
  counts: taskCounts.default({ succeeded: 0, failed: 0 }),
});

const GIVEN_UP = 'Some items could not be worked on in several attempts.';

/** Begin, pages in rounds, progress after each round, end. */
export function* runTask(context: OrchestrationContext): Generator<df.Task, void, unknown> {
  const { page: firstPage, counts: countsBefore, ...ref } = runInput.parse(context.df.getInput());
  const retries = new df.RetryOptions(5_000, 5);
  retries.backoffCoefficient = 2;
  const call = (name: string, input: unknown) => context.df.callActivityWithRetry(name, retries, input);

  const begun = (yield call(BEGIN_TASK, ref)) as { pages: number } | null;
  if (begun === null) return;
  let counts = countsBefore;
  let page = firstPage;
  const ended: Omit<TaskEnd, 'counts'> & { isCanceled: boolean } = { isCanceled: false };
  for (let round = 0; page < begun.pages && !ended.isCanceled && ended.error === undefined; round++) {
    if (round === ROUNDS_PER_HISTORY) {
      context.df.continueAsNew({ ...ref, page, counts });
      return;
    }
    const pages = Array.from(
      { length: Math.min(PAGES_AT_ONCE, begun.pages - page) },
      (_, index) => page + index,
    );
    try {
      const work = pages.map((number) => call(WORK_ON_TASK_PAGE, { ref, page: number }));
      const outcomes = (yield context.df.Task.all(work)) as PageOutcome[];
      counts = outcomes.reduce(
        (sum, { succeeded, failed }) => ({
          succeeded: sum.succeeded + succeeded,
          failed: sum.failed + failed,
        }),
        counts,
      );
      page += pages.length;
      const { goOn } = (yield call(RECORD_TASK_PROGRESS, { ref, counts })) as { goOn: boolean };
      ended.isCanceled = outcomes.some(({ isStopped }) => isStopped) || (!goOn && page < begun.pages);
    } catch {
      ended.error = GIVEN_UP;
    }
  }
  yield call(END_TASK, { ref, counts, ...ended });
}
