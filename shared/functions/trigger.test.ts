/** What becomes of a function that fails: a line in the log, and the error for the host. */
import { app, InvocationContext, type StorageQueueHandler, type TimerHandler } from '@azure/functions';
import { z } from 'zod';
import type { Services } from '../services';
import { queue, registerTriggers, timer, type Trigger } from './trigger';

const logged: [level: string, line: unknown][] = [];
const context = new InvocationContext({
  invocationId: 'a-b',
  logHandler: (level, line) => logged.push([level, JSON.parse(String(line))]),
});
const notes = { name: 'start-task' as const, message: z.strictObject({ id: z.string() }) };
const failure = (fn: string, error: string) => [
  'error',
  { event: 'trigger.failed', traceId: 'ab', function: fn, error: expect.stringContaining(error) as string },
];

let handlers: { timer?: TimerHandler; queue?: StorageQueueHandler };

beforeEach(() => {
  logged.length = 0;
  handlers = {};
  jest.spyOn(app, 'timer').mockImplementation((_name, { handler }) => void (handlers.timer = handler));
  jest.spyOn(app, 'storageQueue').mockImplementation((_name, { handler }) => void (handlers.queue = handler));
});

const register = (trigger: Trigger) => registerTriggers([trigger], () => ({}) as Services);
const tick = { isPastDue: false } as Parameters<TimerHandler>[0];

it('logs the failure of a timer and passes it on', async () => {
  register(timer('sweep', '0 * * * * *', () => Promise.reject(new Error('broken'))));
  await expect(handlers.timer?.(tick, context)).rejects.toThrow('broken');
  expect(logged).toEqual([failure('sweep', 'broken')]);
});

it('logs a message that is not of its queue', async () => {
  register(queue('work', notes, async () => undefined));
  await expect(handlers.queue?.({ id: 1 }, context)).rejects.toThrow();
  expect(logged).toEqual([failure('work', 'ZodError')]);
});

it('says nothing of a function that succeeds', async () => {
  const seen: unknown[] = [];
  register(queue('work', notes, async (_services, message) => void seen.push(message)));
  await handlers.queue?.({ id: 'x' }, context);
  expect(seen).toEqual([{ id: 'x' }]);
  expect(logged).toEqual([]);
});
