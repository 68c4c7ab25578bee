/**
 * Fixture app of the tests of SDK behaviours: each orchestration here does what the product's orchestrations must not
 * do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as df from 'durable-functions';
import { effect, registerClient } from './durable-client-app';

df.app.activity('slow', {
  handler: async (milliseconds: number) => {
    effect('slow begins');
    await sleep(milliseconds);
    effect('slow ends');
    return milliseconds;
  },
});
df.app.activity('echo', {
  handler: (input: unknown) => {
    effect(`echo ${JSON.stringify(input)}`);
    return input;
  },
});
df.app.activity('failing', {
  handler: async () => {
    effect('failing');
    await sleep(10);
    throw new Error('the reason');
  },
});

const later = ({ df: { currentUtcDateTime } }: df.OrchestrationContext, milliseconds: number) =>
  new Date(currentUtcDateTime.getTime() + milliseconds);

df.app.orchestration('anyTwice', function* (context) {
  const slow = context.df.callActivity('slow', 400);
  yield context.df.Task.any([slow, context.df.createTimer(later(context, 10))]);
  const timeout = context.df.createTimer(later(context, 3_600_000));
  yield context.df.Task.any([slow, timeout]);
  timeout.cancel();
  return 'done';
});

df.app.orchestration('retryTimeout', function* (context) {
  const options = new df.RetryOptions(20, 5);
  options.retryTimeoutInMilliseconds = 1;
  yield context.df.callActivityWithRetry('failing', options);
});

df.app.orchestration('continueWithText', function* (context) {
  const input = context.df.getInput<{ next: unknown } | string>();
  if (typeof input === 'object' && 'next' in input) context.df.continueAsNew(input.next);
  return input;
});

df.app.orchestration('allFails', function* (context) {
  try {
    yield context.df.Task.all([
      context.df.callActivity('failing'),
      context.df.callActivity('slow', context.df.getInput()),
    ]);
  } catch {
    context.df.setCustomStatus('caught');
    yield context.df.callActivity('echo', 'after');
  }
});

df.app.orchestration('locks', function* (context) {
  yield context.df.lock(new df.EntityId('counter', 'one'));
});

df.app.orchestration('callsEntity', function* (context) {
  yield context.df.callEntity(new df.EntityId('counter', 'one'), 'add', 1);
});

df.app.orchestration('signalsEntity', function* (context) {
  context.df.signalEntity(new df.EntityId('counter', 'one'), 'add', 1);
  yield context.df.callActivity('echo', 'after the signal');
});

df.app.orchestration('callsHttp', function* (context) {
  yield context.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:1/' });
});

df.app.orchestration('errorText', function* (context) {
  try {
    yield context.df.callActivity('failing');
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
});

df.app.orchestration('losesEvents', function* (context) {
  const { isSecond } = context.df.getInput<{ isSecond: boolean }>();
  if (!isSecond) {
    yield context.df.waitForExternalEvent('go');
    context.df.continueAsNew({ isSecond: true });
    return undefined;
  }
  const event = context.df.waitForExternalEvent('unexpected');
  const timer = context.df.createTimer(later(context, 300));
  return (yield context.df.Task.any([event, timer])) === event ? 'kept' : 'lost';
});

df.app.orchestration('booleans', function* (context) {
  const bare: unknown = yield context.df.callActivity('echo', true);
  const wrapped: unknown = yield context.df.callActivity('echo', { value: true });
  return [bare, wrapped];
});

registerClient();
