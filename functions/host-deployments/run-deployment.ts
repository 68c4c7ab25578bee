/**
 * The orchestration of a deployment: it calls the one activity that takes the deployment an action further, and waits.
 * It holds ids only; the document is the truth.
 */
import type { OrchestrationContext } from 'durable-functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { taskRef } from '../../shared/tasks/task-pages';
import type { Pause } from './pause';

export const RUN_DEPLOYMENT = 'runDeployment';
export const ADVANCE_DEPLOYMENT = 'advanceDeployment';

/** A history is replayed at every step: it is restarted (continue-as-new) after this many. */
const STEPS_PER_HISTORY = 20;
const FIRST_POLL_SECONDS = 2;
const LONGEST_POLL_SECONDS = 60;
const POLL_GROWTH = 1.5;

const runInput = taskRef.extend({
  /** Looks in a row that showed nothing new. */
  polls: z.int().default(0),
});

/** Seconds to wait before looking again, after so many looks that showed nothing new. */
export function pollSeconds(polls: number): number {
  return Math.min(FIRST_POLL_SECONDS * POLL_GROWTH ** polls, LONGEST_POLL_SECONDS);
}

/** Advance, wait, advance, until the end. */
export function* runDeployment(context: OrchestrationContext): Generator<df.Task, void, unknown> {
  const input = runInput.parse(context.df.getInput());
  const { customerId, taskId } = input;
  let { polls } = input;
  const retries = new df.RetryOptions(5_000, 8);
  retries.backoffCoefficient = 2;
  for (let step = 0; step < STEPS_PER_HISTORY; step++) {
    const pause = (yield context.df.callActivityWithRetry(ADVANCE_DEPLOYMENT, retries, {
      customerId,
      taskId,
    })) as Pause;
    if (pause === 'end') return;
    polls = pause === 'poll' ? polls + 1 : 0;
    const seconds = pause === 'poll' ? pollSeconds(polls - 1) : pause;
    if (seconds === 0) continue;
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1_000));
  }
  context.df.continueAsNew({ customerId, taskId, polls });
}
