/** The orchestration of a deployment: what it calls, how long it waits, when it starts afresh. */
import type { OrchestrationContext } from 'durable-functions';
import { ADVANCE_DEPLOYMENT, pollSeconds, RUN_DEPLOYMENT, runDeployment } from './run-deployment';

const NOW = new Date('2026-11-30T00:00:00Z');

/** Plays the orchestration with these pauses; returns its timers, in seconds, and how it continues. */
function play(pauses: unknown[]) {
  const timers: number[] = [];
  const continued: unknown[] = [];
  const df = {
    getInput: () => ({ customerId: 'c', taskId: 't' }),
    currentUtcDateTime: NOW,
    callActivityWithRetry: (name: string) => name,
    createTimer: (at: Date) => void timers.push((at.getTime() - NOW.getTime()) / 1_000),
    continueAsNew: (input: unknown) => void continued.push(input),
  };
  const context: Partial<OrchestrationContext> = { df: df as unknown as OrchestrationContext['df'] };
  const run = runDeployment(context as OrchestrationContext);
  let step = run.next();
  while (!step.done)
    step = run.next((step.value as unknown) === ADVANCE_DEPLOYMENT ? pauses.shift() : undefined);
  return { timers, continued };
}

it('HST-2: a waiting deployment costs one timer for each look, further and further apart', () => {
  expect(RUN_DEPLOYMENT).toBe('runDeployment');
  expect(play([0, 'poll', 'poll', 17, 'poll', 'end']).timers).toEqual([2, 3, 17, 2]);
  expect(pollSeconds(100)).toBe(60);
});

it('HST-2: its history is begun anew after twenty steps, with the same pace', () => {
  const { timers, continued } = play(Array.from({ length: 20 }, () => 'poll'));
  expect(timers).toHaveLength(20);
  expect(continued).toEqual([{ customerId: 'c', taskId: 't', polls: 20 }]);
});
