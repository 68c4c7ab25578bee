/** The app of the durable soak: an orchestrator that interprets programs, and activities that record each run. */
import { appendFileSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as df from 'durable-functions';
import type { Program, Step } from './program';

interface State {
  program: Program;
  generation: number;
  results: string[];
}

const TRACES = process.env.TRACES ?? '/dev/null';
const MANY_ATTEMPTS = 9;

/** Returns a new token each time it runs. */
df.app.activity('work', {
  handler: async ({ key, ms }: { key: string; ms: number }) => {
    await sleep(ms);
    const token = randomUUID();
    appendFileSync(TRACES, `${key} ${token}\n`);
    return `${key} ${token}`;
  },
});

/** Fails this many times; a run whose failure was lost counts as well. */
df.app.activity('fail', {
  handler: ({ key, failures }: { key: string; failures: number }) => {
    const before = readFileSync(TRACES, 'utf8').split('\n');
    const failed = before.filter((line) => line === `${key} failed`).length;
    if (failed >= failures) return `${key} recovered`;
    appendFileSync(TRACES, `${key} failed\n`);
    throw new Error('on purpose');
  },
});

const retries = (attempts: number): df.RetryOptions => new df.RetryOptions(10, attempts);
const later = ({ df: { currentUtcDateTime } }: df.OrchestrationContext, ms: number): Date =>
  new Date(currentUtcDateTime.getTime() + ms);

function* runStep(
  context: df.OrchestrationContext,
  step: Step,
  root: string,
): Generator<df.Task, string[], unknown> {
  const key = `${root}/${step.id}`;
  const { df: durable } = context;
  switch (step.kind) {
    case 'activity':
      return [(yield durable.callActivity('work', { key, ms: step.ms })) as string];
    case 'failing':
      yield durable.callActivityWithRetry('fail', retries(2), { key, failures: 1e9 });
      return [];
    case 'flaky':
      return [
        (yield durable.callActivityWithRetry('fail', retries(MANY_ATTEMPTS), {
          key,
          failures: step.failures,
        })) as string,
      ];
    case 'timer':
      yield durable.createTimer(later(context, step.ms));
      return [`${key} fired`];
    case 'race': {
      const work = durable.callActivity('work', { key, ms: step.ms });
      const timeout = durable.createTimer(later(context, 3_600_000));
      yield durable.Task.any([work, timeout]);
      timeout.cancel();
      return [work.result as string];
    }
    case 'event':
      durable.setCustomStatus(step.id);
      return [`${key} got ${String(yield durable.waitForExternalEvent(step.id))}`];
    case 'all': {
      const members = step.steps.flatMap(({ id, ...member }) =>
        member.kind === 'activity'
          ? [durable.callActivity('work', { key: `${root}/${id}`, ms: member.ms })]
          : [],
      );
      return (yield durable.Task.all(members)) as string[];
    }
    case 'child':
      return (yield durable.callSubOrchestrator('child', { steps: step.steps, root })) as string[];
    case 'flakyChild':
      return [
        (yield durable.callSubOrchestratorWithRetry('flakyChild', retries(MANY_ATTEMPTS), {
          key,
          failures: step.failures,
        })) as string,
      ];
  }
}

function* runSteps(context: df.OrchestrationContext, steps: readonly Step[], root: string) {
  const results: string[] = [];
  for (const step of steps) {
    try {
      results.push(...(yield* runStep(context, step, root)));
    } catch {
      results.push(`${root}/${step.id} failed`);
    }
  }
  return results;
}

df.app.orchestration('program', function* (context) {
  const { program, generation, results } = context.df.getInput<State>();
  const { instanceId } = context.df;
  const all = [...results, ...(yield* runSteps(context, program.generations[generation] ?? [], instanceId))];
  if (generation + 1 === program.generations.length) return all;
  context.df.setCustomStatus('continues');
  context.df.continueAsNew({ program, generation: generation + 1, results: all });
  return undefined;
});

df.app.orchestration('child', function* (context) {
  const { steps, root } = context.df.getInput<{ steps: Step[]; root: string }>();
  return yield* runSteps(context, steps, root);
});

df.app.orchestration('flakyChild', function* (context) {
  return (yield context.df.callActivity('fail', context.df.getInput())) as string;
});
