/** Fixture app of the durable tests. Activities write what they do into the file EFFECTS, one line each. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as df from 'durable-functions';
import { effect, registerClient } from './durable-client-app';

df.app.activity('echo', {
  handler: (input: unknown) => {
    effect(`echo ${JSON.stringify(input)}`);
    return input;
  },
});
df.app.activity('slow', {
  handler: async (milliseconds: number) => {
    effect(`slow begins ${milliseconds}`);
    await sleep(milliseconds);
    effect(`slow ends ${milliseconds}`);
    return milliseconds;
  },
});
const failures = new Map<string, number>();
df.app.activity('failing', {
  handler: ({ key, times }: { key: string; times: number }) => {
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    effect(`failing ${key} ${count}`);
    if (count <= times) throw new Error(`attempt ${count} of ${key}`);
    return count;
  },
});

df.app.orchestration('chain', function* (context) {
  const input = context.df.getInput();
  const values: unknown[] = [];
  for (const value of [input, 'text', 7, { a: [1] }, null])
    values.push(yield context.df.callActivity('echo', value));
  return values;
});

df.app.orchestration('fanOut', function* (context) {
  const count = context.df.getInput<number>();
  const tasks = Array.from({ length: count }, (_, index) => context.df.callActivity('echo', index));
  const results = (yield context.df.Task.all(tasks)) as number[];
  return results.reduce((sum, value) => sum + value, 0);
});

df.app.orchestration('retry', function* (context) {
  const { key, times, attempts } = context.df.getInput<{ key: string; times: number; attempts: number }>();
  const options = new df.RetryOptions(20, attempts);
  try {
    return (yield context.df.callActivityWithRetry('failing', options, { key, times })) as number;
  } catch (error) {
    return `gave up: ${(error as Error).message.split('\n')[0]?.trim()}`;
  }
});

df.app.orchestration('fails', function* (context) {
  context.df.setCustomStatus({ step: 'about to fail' });
  yield context.df.callActivity('failing', { key: context.df.instanceId, times: 99 });
});

df.app.orchestration('timer', function* (context) {
  const milliseconds = context.df.getInput<number>();
  const begin = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(new Date(begin + milliseconds));
  return context.df.currentUtcDateTime.getTime() - begin >= milliseconds;
});

df.app.orchestration('waits', function* (context) {
  context.df.setCustomStatus('waiting');
  const first: unknown = yield context.df.waitForExternalEvent('go');
  const second: unknown = yield context.df.waitForExternalEvent('go');
  return [first, second];
});

df.app.orchestration('eventOrTimeout', function* (context) {
  const deadline = new Date(context.df.currentUtcDateTime.getTime() + context.df.getInput<number>());
  const timer = context.df.createTimer(deadline);
  const event = context.df.waitForExternalEvent('go');
  const winner: unknown = yield context.df.Task.any([event, timer]);
  if (winner !== event) return 'timeout';
  timer.cancel();
  yield context.df.callActivity('echo', 'after the event');
  return event.result;
});

df.app.orchestration('parent', function* (context) {
  const first: unknown = yield context.df.callSubOrchestrator(
    'chain',
    'child',
    `${context.df.instanceId}-child`,
  );
  const second: unknown = yield context.df.callSubOrchestrator('timer', 20);
  let failure = '';
  try {
    yield context.df.callSubOrchestrator('fails');
  } catch (error) {
    failure = (error as Error).message.split('\n')[0]?.trim() ?? '';
  }
  return { first, second, failure };
});

df.app.orchestration('flakyChild', function* (context) {
  return (yield context.df.callActivity('failing', { key: context.df.getInput(), times: 2 })) as number;
});

df.app.orchestration('retriesChild', function* (context) {
  const options = new df.RetryOptions(20, context.df.getInput<number>());
  const key = context.df.instanceId;
  try {
    return (yield context.df.callSubOrchestratorWithRetry('flakyChild', options, key)) as number;
  } catch (error) {
    return `gave up: ${(error as Error).message.split('\n')[0]?.trim()}`;
  }
});

df.app.orchestration('counter', function* (context) {
  const { count, seen } = context.df.getInput<{ count: number; seen: string[] }>();
  if (count === 0) return seen;
  const event = (yield context.df.waitForExternalEvent('item')) as string;
  context.df.continueAsNew({ count: count - 1, seen: [...seen, event] });
  return undefined;
});

const versions: Record<string, number> = {};
df.app.orchestration('nonDeterministic', function* (context) {
  const run = (versions[context.df.instanceId] = (versions[context.df.instanceId] ?? 0) + 1);
  if (run === 1) yield context.df.callActivity('echo', 'a');
  else yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 10));
});

df.app.orchestration('callsHttp', function* (context) {
  yield context.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:1/' });
});

df.app.orchestration('crash', function* (context) {
  const before: unknown = yield context.df.callActivity('echo', 'before');
  const slow: unknown = yield context.df.callActivity('slow', 700);
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 700));
  context.df.setCustomStatus('waiting');
  const event: unknown = yield context.df.waitForExternalEvent('go');
  const child: unknown = yield context.df.callSubOrchestrator('chain', 'child');
  return { before, slow, event, child };
});

registerClient();
