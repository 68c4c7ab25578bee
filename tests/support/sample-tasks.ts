/** For tests: a kind of task, and Durable Functions run by hand: activities, retries, crashes and histories that go on. */
import type { OrchestrationContext } from 'durable-functions';
import type { Activity } from '../../shared/functions/trigger';
import { type Log, lineLog } from '../../shared/telemetry/telemetry';
import type { Services } from '../../shared/services';
import { runTask } from '../../shared/tasks/run-task';
import type { TaskKind } from '../../shared/tasks/task-kind';
import type { TaskRef } from '../../shared/tasks/task-pages';
import { taskSteps } from '../../shared/tasks/task-steps';

interface Call {
  name: string;
  input: unknown;
}
type Step = Call | { all: Call[] } | { timer: Date };

interface RunOptions {
  /** Called before and after each activity; what it throws kills the process there: the run rejects. */
  around?: (moment: 'before' | 'after', call: Call) => Promise<void> | void;
  /** How often an activity is tried; durable-functions waits between the tries. */
  attempts?: number;
  /** Called where the orchestration waits; it goes on as if that time had come. */
  onTimer?: (wakeAt: Date) => Promise<void>;
}

/** An orchestration with its activities and input. */
interface Orchestration {
  orchestrator: (context: OrchestrationContext) => Generator<unknown, void, unknown>;
  activities: readonly AnyActivity[];
  input: unknown;
}
type AnyActivity = Pick<Activity<unknown>, 'name' | 'input'> & {
  handler: (services: Services, input: never, log: Log) => Promise<unknown>;
};

/**
 * Runs the orchestration of a task as the runtime does, from its beginning: results of earlier runs are not replayed,
 * as after the loss of a history. Returns the activities in the order of their first tries.
 */
export async function runTaskByHand(
  services: Services,
  kinds: readonly TaskKind[],
  ref: TaskRef,
  options: RunOptions = {},
): Promise<string[]> {
  const { begin, workOnPage, recordProgress, end } = taskSteps(kinds);
  const activities = [begin, workOnPage, recordProgress, end];
  return runByHand(services, { orchestrator: runTask, activities, input: ref }, options);
}

/** The same for any orchestration. */
export async function runByHand(
  services: Services,
  orchestration: Orchestration,
  { around = () => undefined, attempts = 5, onTimer = async () => undefined }: RunOptions = {},
): Promise<string[]> {
  const log = lineLog(() => undefined);
  const called: string[] = [];
  const perform = async (call: Call): Promise<unknown> => {
    called.push(call.name);
    await around('before', call);
    for (let attempt = 1; ; attempt++) {
      try {
        const activity = orchestration.activities.find(({ name }) => name === call.name);
        if (!activity) throw new Killed(`there is no activity ${call.name}`);
        const given = activity.input.parse(asJson(call.input)) as never;
        const result = await activity.handler(services, given, log);
        await around('after', call);
        return asJson(result ?? null);
      } catch (error) {
        if (attempt === attempts || error instanceof Killed) throw error;
      }
    }
  };

  let input: unknown = orchestration.input;
  while (input !== undefined) {
    const given = input;
    input = undefined;
    const context = {
      df: {
        getInput: () => given,
        callActivityWithRetry: (name: string, _retries: unknown, of: unknown): Call => ({ name, input: of }),
        continueAsNew: (next: unknown) => {
          input = asJson(next);
        },
        Task: { all: (all: Call[]): Step => ({ all }) },
        createTimer: (timer: Date): Step => ({ timer }),
        currentUtcDateTime: services.clock.now(),
      },
    };
    // The orchestrator sees of its context what is above; its tasks are the steps below.
    const run = orchestration.orchestrator(
      context as unknown as OrchestrationContext,
    ) as unknown as Generator<Step, void, unknown>;
    await replay(run, perform, onTimer);
  }
  return called;
}

async function replay(
  run: Generator<Step, void, unknown>,
  perform: (call: Call) => Promise<unknown>,
  onTimer: (wakeAt: Date) => Promise<void>,
) {
  let next = run.next();
  while (!next.done) {
    const step = next.value;
    try {
      next = run.next(await take(step, perform, onTimer));
    } catch (error) {
      if (error instanceof Killed) throw error;
      next = run.throw(error);
    }
  }
}

function take(
  step: Step,
  perform: (call: Call) => Promise<unknown>,
  onTimer: (wakeAt: Date) => Promise<void>,
): Promise<unknown> {
  if ('timer' in step) return onTimer(step.timer);
  return 'all' in step ? allOf(step.all.map(perform)) : perform(step);
}

/** As Durable Functions: fails with the first failure, when all have ended. */
async function allOf(started: Promise<unknown>[]): Promise<unknown[]> {
  await Promise.allSettled(started);
  return Promise.all(started);
}

/** The process is gone: nothing is tried again by it. */
export class Killed extends Error {}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** A kind of task whose items are done by the test; counts how often. */
export function sampleKind(work: (item: string) => Promise<void> | void = () => undefined) {
  const done = new Map<string, number>();
  const kind: TaskKind = {
    name: 'sample',
    isCancelable: true,
    async work(_services, _context, item) {
      await work(item);
      done.set(item, (done.get(item) ?? 0) + 1);
      return undefined;
    },
  };
  return { kind, done };
}
