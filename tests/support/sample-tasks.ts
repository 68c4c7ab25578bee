/** For tests: a kind of task, and Durable Functions run by hand: activities, retries, crashes and histories that go on. */
import type { OrchestrationContext } from 'durable-functions';
import type { Activity } from '../../shared/functions/trigger';
import { lineLog } from '../../shared/telemetry/telemetry';
import type { Services } from '../../shared/services';
import { runTask } from '../../shared/tasks/run-task';
import type { TaskKind } from '../../shared/tasks/task-kind';
import type { TaskRef } from '../../shared/tasks/task-pages';
import { taskSteps } from '../../shared/tasks/task-steps';

interface Call {
  name: string;
  input: unknown;
}
type Step = Call | { all: Call[] };

interface RunOptions {
  /** Called before and after each activity; what it throws kills the process there: the run rejects. */
  around?: (moment: 'before' | 'after', call: Call) => Promise<void> | void;
  /** How often an activity is tried; durable-functions waits between the tries. */
  attempts?: number;
}

/**
 * Runs the orchestration of a task as the runtime does, from its beginning: results of earlier runs are not replayed,
 * as after the loss of a history. Returns the activities in the order of their first tries.
 */
export async function runTaskByHand(
  services: Services,
  kinds: readonly TaskKind[],
  ref: TaskRef,
  { around = () => undefined, attempts = 5 }: RunOptions = {},
): Promise<string[]> {
  const activities: Record<string, (input: unknown) => Promise<unknown>> = {};
  const steps = taskSteps(kinds);
  const add = <T>({ name, input, handler }: Activity<T>) => {
    activities[name] = (given) =>
      handler(
        services,
        input.parse(given),
        lineLog(() => undefined),
      );
  };
  add(steps.begin);
  add(steps.workOnPage);
  add(steps.recordProgress);
  add(steps.end);

  const called: string[] = [];
  const perform = async (call: Call): Promise<unknown> => {
    called.push(call.name);
    await around('before', call);
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await activities[call.name]?.(asJson(call.input));
        await around('after', call);
        return asJson(result ?? null);
      } catch (error) {
        if (attempt === attempts || error instanceof Killed) throw error;
      }
    }
  };

  let input: unknown = ref;
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
      },
    };
    // The orchestrator sees of its context what is above; its tasks are the steps below.
    const run = runTask(context as unknown as OrchestrationContext) as unknown as Generator<
      Step,
      void,
      unknown
    >;
    await replay(run, perform);
  }
  return called;
}

async function replay(run: Generator<Step, void, unknown>, perform: (call: Call) => Promise<unknown>) {
  let next = run.next();
  while (!next.done) {
    const step = next.value;
    try {
      const result = 'all' in step ? await allOf(step.all.map(perform)) : await perform(step);
      next = run.next(result);
    } catch (error) {
      if (error instanceof Killed) throw error;
      next = run.throw(error);
    }
  }
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
