/** States of tasks: which steps there are, and that repeating one changes nothing. */
import fc from 'fast-check';
import { begin, end, hasEnded, newTask, recordProgress, requestCancel, resume, type Task } from './task';

const START = new Date('2030-01-15T12:00:00.000Z');
const after = (seconds: number) => new Date(START.getTime() + seconds * 1000);
const BY = { id: 'ada', name: 'Ada' };
const fresh = newTask(
  {
    id: 'task',
    kind: 'sample',
    title: 'Sample',
    initiator: { ...BY, kind: 'fullAdmin' },
    request: { traceId: 'trace', clientAddress: '10.0.0.1' },
    isCancelable: true,
    total: 10,
    pages: 1,
  },
  START,
);
const running = begin(fresh, after(1)) ?? fresh;
const NOTHING = { succeeded: 0, failed: 0 };

it('begins once, and keeps the time of its first start', () => {
  expect(running).toMatchObject({ state: 'Running', startedAt: after(1).toISOString() });
  expect(begin(running, after(9))).toBe(running);
});

it.each([
  ['Succeeded', { counts: { succeeded: 10, failed: 0 } }],
  ['Failed', { counts: { succeeded: 9, failed: 1 } }],
  ['Failed', { counts: { succeeded: 5, failed: 0 }, error: 'Broken.' }],
  ['Canceled', { counts: { succeeded: 5, failed: 1 }, isCanceled: true }],
] as const)('ends %s with %j, and never again', (state, ended) => {
  const task = end(running, ended, after(2));
  expect(task).toMatchObject({ state, counts: ended.counts, endedAt: after(2).toISOString() });
  expect(task?.dueAt).toBeUndefined();
  expect(task && end(task, { counts: NOTHING }, after(3))).toBeUndefined();
  expect(task && begin(task, after(3))).toBeUndefined();
  expect(task && recordProgress(task, { succeeded: 10, failed: 0 }, after(3))).toBeUndefined();
});

it('says at its end what was left', () => {
  const task = end(running, { counts: { succeeded: 6, failed: 1 }, isCanceled: true }, after(2));
  expect(task?.log.at(-1)?.text).toBe('Canceled: 6 succeeded, 1 failed, 3 not done.');
});

it('is canceled at once when nobody has begun it, else asked to stop once', () => {
  expect(requestCancel(fresh, BY, after(1))).toMatchObject({ state: 'Canceled', counts: NOTHING });
  const asked = requestCancel(running, BY, after(2));
  expect(asked).toMatchObject({ state: 'Running', cancelRequest: { by: BY, at: after(2).toISOString() } });
  expect(asked && requestCancel(asked, BY, after(3))).toBeUndefined();
});

it('is started again while it is silent, and given up after a day without progress', () => {
  expect(resume(fresh, after(59))).toBeUndefined();
  expect(resume(fresh, after(60))).toMatchObject({ start: true, task: { dueAt: after(120).toISOString() } });
  expect(resume(running, after(61))).toBeUndefined();
  expect(resume(running, after(901))).toMatchObject({ start: true, task: { state: 'Running' } });
  const given = resume(running, after(86_402));
  expect(given).toMatchObject({
    start: false,
    task: { state: 'Failed', error: expect.stringContaining('given up') as string },
  });
});

it('never goes back, whatever comes late, twice or out of order', () => {
  const steps = fc.array(
    fc.oneof(
      fc.constant((task: Task, now: Date) => begin(task, now)),
      fc
        .nat(10)
        .map((n) => (task: Task, now: Date) => recordProgress(task, { succeeded: n, failed: 0 }, now)),
      fc.constant((task: Task, now: Date) => requestCancel(task, BY, now)),
      fc
        .boolean()
        .map((isCanceled) => (task: Task, now: Date) => end(task, { counts: task.counts, isCanceled }, now)),
      fc.constant((task: Task, now: Date) => resume(task, now)?.task),
    ),
  );
  const rank = (task: Task) => (hasEnded(task) ? 2 : task.state === 'Running' ? 1 : 0);
  fc.assert(
    fc.property(steps, (taken) => {
      let task: Task = fresh;
      for (const [index, step] of taken.entries()) {
        const next = step(task, after(index));
        if (!next) continue;
        expect(rank(next)).toBeGreaterThanOrEqual(rank(task));
        expect(next.counts.succeeded).toBeGreaterThanOrEqual(task.counts.succeeded);
        if (hasEnded(task)) expect(next.state).toBe(task.state);
        expect(hasEnded(next)).toBe(next.dueAt === undefined);
        task = next;
      }
    }),
  );
});
