import { setTimeout as sleep } from 'node:timers/promises';
import * as df from 'durable-functions';
import fc from 'fast-check';
import { openHostDatabase } from '../database';
import { createHostLog } from '../host-log';
import { Invoker } from '../invoker';
import { Membership } from '../membership';
import { temporaryFolder } from '../testing/processes';
import { CoreModule } from '../worker/core-module';
import { type FunctionMetadata, type RpcInvocationRequest, type RpcInvocationResponse } from '../worker/rpc';
import { activityEvent } from './activity';
import { HistoryCache } from './history-cache';
import { runTurn, startedEvent } from './orchestrator-turn';
import { type ActivityWork, DurableStore } from './store';

/** One step of a random orchestrator; `any` and `all` hold further ones. The id distinguishes equal ones. */
type Step =
  | { kind: 'activity' | 'child'; fails: boolean; id?: string }
  | { kind: 'retried'; failures: number; attempts: number; id?: string }
  | { kind: 'timer'; delayMs: number; id?: string }
  | { kind: 'all' | 'any'; steps: Step[] };

jest.setTimeout(60_000);

const mockCore = new CoreModule(() => undefined);
jest.mock('@azure/functions-core', () => mockCore.exports, { virtual: true });

function toTask(context: df.OrchestrationContext, step: Step): df.Task {
  switch (step.kind) {
    case 'activity':
      return context.df.callActivity('work', step);
    case 'child':
      return context.df.callSubOrchestrator('child', step);
    case 'retried':
      return context.df.callActivityWithRetry('work', new df.RetryOptions(1, step.attempts), step);
    case 'timer':
      return context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + step.delayMs));
    case 'all':
      return context.df.Task.all(step.steps.map((child) => toTask(context, child)));
    case 'any':
      return context.df.Task.any(step.steps.map((child) => toTask(context, child)));
  }
}

df.app.orchestration('program', function* (context) {
  const outcomes: string[] = [];
  for (const step of context.df.getInput<Step[]>()) {
    try {
      yield toTask(context, step);
      outcomes.push('done');
    } catch {
      outcomes.push('failed');
    }
  }
  return outcomes;
});

df.app.orchestration('child', function* (context) {
  yield context.df.callActivity('work', context.df.getInput());
});

/** What the program reports for a step, whatever the order in which its parts end. */
function expected(step: Step): 'done' | 'failed' {
  switch (step.kind) {
    case 'retried':
      return step.failures < step.attempts ? 'done' : 'failed';
    case 'all':
      return step.steps.some((child) => expected(child) === 'failed') ? 'failed' : 'done';
    case 'activity':
    case 'child':
      return step.fails ? 'failed' : 'done';
    case 'timer':
    case 'any':
      return 'done';
  }
}

const { folder, remove } = temporaryFolder();
const database = openHostDatabase(folder);
const membership = new Membership(database);
const store = new DurableStore(database, membership);
afterAll(() => {
  database.close();
  remove();
});

/** Runs the SDK's orchestrator as a worker would. */
async function invoke(name: string, { inputData }: RpcInvocationRequest): Promise<RpcInvocationResponse> {
  const registered = mockCore.functions.get(name);
  try {
    const state = await registered?.callback(JSON.parse(inputData[0]?.data.string ?? ''), {});
    return { status: 'success', outputData: [], returnValue: { json: JSON.stringify(state) } };
  } catch (error) {
    return { status: 'failure', exception: { message: (error as Error).message, stackTrace: '' } };
  }
}

const work: FunctionMetadata = {
  name: 'work',
  bindings: { input: { type: 'activityTrigger', direction: 'in' } },
};
const services = {
  store,
  cache: new HistoryCache(store),
  invoker: new Invoker(
    { invoke },
    { inputs: {}, outputs: {} },
    createHostLog('none', () => undefined),
  ),
  activities: new Map([['work', work]]),
  get orchestrators() {
    return new Map([...mockCore.functions].map(([name, { metadata }]) => [name, metadata]));
  },
  // So short that the random timers include long ones.
  timers: { maxMs: 6, intervalMs: 3 },
};

/** Runs a program to its end, answering in the order that `pick` gives. */
async function run(instanceId: string, program: Step[], pick: (count: number) => number): Promise<unknown> {
  const input = JSON.stringify(program);
  const start = { instanceId, executionId: instanceId, name: 'program', version: '', input, parent: null };
  store.create(start, startedEvent('program', '', input));
  const claimed: ActivityWork[] = [];
  const tries = new Map<string, number>();
  for (;;) {
    for (const id of store.claimOrchestrations(10)) {
      await runTurn(services, id);
      store.releaseOrchestration(id);
    }
    const instance = store.instance(instanceId);
    if (instance?.status !== 'Running')
      return { status: instance?.status, output: JSON.parse(instance?.output ?? 'null') as unknown };
    claimed.push(...store.claimActivities(10));
    const [chosen] = claimed.splice(pick(claimed.length), 1);
    if (chosen) answer(chosen, tries);
    else await sleep(1);
  }
}

function answer(activity: ActivityWork, tries: Map<string, number>): void {
  const step = JSON.parse(activity.input ?? '') as
    Extract<Step, { kind: 'retried' }> | { kind: 'activity'; fails: boolean };
  const key = `${activity.executionId}/${activity.input}`;
  const count = (tries.get(key) ?? 0) + 1;
  tries.set(key, count);
  const fails = 'failures' in step ? count <= step.failures : step.fails;
  const result = fails
    ? ({ ok: false, exception: { message: 'no', stackTrace: '' } } as const)
    : ({ ok: true, returnValue: { string: 'yes' } } as const);
  store.finishActivity(activity, activityEvent(activity, result));
}

const once: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('activity' as const, 'child' as const),
  fails: fc.boolean(),
});
const leaf: fc.Arbitrary<Step> = fc.oneof(
  once,
  fc.record({
    kind: fc.constant('retried' as const),
    failures: fc.integer({ min: 0, max: 3 }),
    attempts: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('timer' as const), delayMs: fc.integer({ min: 0, max: 15 }) }),
);
const several = (kind: 'all' | 'any', step: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant(kind), steps: fc.array(step, { minLength: 1, maxLength: 4 }) });
const steps = (...kinds: fc.Arbitrary<Step>[]) =>
  fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 5 });
const succeeding = leaf.filter((step) => expected(step) === 'done');
/**
 * Where one of `Task.all` fails, the SDK goes on at once and numbers what follows, the extension only when all have ended.
 * Whatever makes further tasks in between, a retry or a long timer, is then numbered differently by the two, and answers
 * go astray, in Azure as here. So failures in `Task.all` and such tasks do not meet in one program.
 */
const program = fc
  .oneof(
    steps(leaf, several('any', leaf), several('all', succeeding)),
    steps(leaf, several('any', once), several('all', once)),
  )
  .map((list) => numbered(list, '0'));

function numbered(steps: Step[], prefix: string): Step[] {
  return steps.map((step, index) => {
    const id = `${prefix}.${index}`;
    return 'steps' in step ? { ...step, steps: numbered(step.steps, id) } : { ...step, id };
  });
}

describe('replay', () => {
  it('agrees with the SDK on every program, in whatever order its activities end', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(program, fc.infiniteStream(fc.nat()), async (steps, order) => {
        const pick = (length: number) => (length === 0 ? 0 : (order.next().value ?? 0) % length);
        const result = await run(`program-${(count += 1)}`, steps, pick);
        expect(result).toEqual({ status: 'Completed', output: steps.map(expected) });
      }),
      { numRuns: 60 },
    );
  });
});
