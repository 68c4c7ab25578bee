import fc from 'fast-check';
import { azureRetryPolicy, decide, outcomeOf } from './retry-policy';

const failure = outcomeOf(500);
const delays = (firstRetriesSeconds: number[], attempts: number): number[] =>
  Array.from({ length: attempts }, (_, index) => {
    const decision = decide({ ...azureRetryPolicy, firstRetriesSeconds }, failure, index + 1, 0);
    return decision.do === 'retry' ? decision.delaySeconds : NaN;
  });

it('waits as Azure does', () => {
  expect(delays([], 12)).toEqual([10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 43_200, 43_200]);
});

it('puts the first local retries before that', () => {
  expect(delays([1, 2, 5], 5)).toEqual([1, 2, 5, 10, 30]);
});

it.each([
  [503, [30, 30, 60]],
  [408, [120, 120, 120]],
  [404, [10, 30, 60]],
])(
  'waits after %d at least as long as Azure does then, but not in the first local retries',
  (status, waits) => {
    const first = { ...azureRetryPolicy, firstRetriesSeconds: [1] };
    const after = (attempts: number) => decide(first, outcomeOf(status), attempts, 0);
    expect(after(1)).toEqual({ do: 'retry', delaySeconds: 1 });
    expect([2, 3, 4].map(after)).toEqual(waits.map((delaySeconds) => ({ do: 'retry', delaySeconds })));
  },
);

it.each([200, 201, 202, 203, 204])('is done with %d', (status) => {
  expect(decide(azureRetryPolicy, outcomeOf(status), 1, 0)).toEqual({ do: 'done' });
});

it.each([
  [400, 'UndeliverableDueToHttpBadRequest'],
  [401, 'UndeliverableDueToHttpUnauthorized'],
  [403, 'UndeliverableDueToHttpForbidden'],
  [413, 'UndeliverableDueToHttpRequestEntityTooLarge'],
])('does not retry %d', (status, reason) => {
  expect(decide(azureRetryPolicy, outcomeOf(status), 1, 0)).toEqual({ do: 'giveUp', reason });
});

it('gives up after the last attempt, and when the next one would come too late', () => {
  expect(decide(azureRetryPolicy, failure, 30, 0)).toEqual({
    do: 'giveUp',
    reason: 'MaxDeliveryAttemptsExceeded',
  });
  expect(decide(azureRetryPolicy, failure, 1, 1440)).toEqual({ do: 'giveUp', reason: 'TimeToLiveExceeded' });
});

it('decides on every failure: a retry with a wait, or the end with a reason', () => {
  const outcome = fc.oneof(
    fc.integer({ min: 205, max: 599 }).map(outcomeOf),
    fc.constant({ name: 'TimedOut' }),
  );
  fc.assert(
    fc.property(outcome, fc.integer({ min: 1, max: 40 }), fc.nat(2000), (what, attempts, ageMinutes) => {
      const decision = decide(azureRetryPolicy, what, attempts, ageMinutes);
      expect(decision.do === 'retry' ? decision.delaySeconds >= 10 : decision.do === 'giveUp').toBe(true);
    }),
  );
});
