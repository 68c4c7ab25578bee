/**
 * When a delivery is retried, and when it is dead-lettered.
 * Source: https://learn.microsoft.com/azure/event-grid/delivery-and-retry.
 */

/** Azure's waits after the first, second … failed attempt. */
const azureScheduleSeconds = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];

/** Statuses after which Azure waits at least this long, whatever the schedule says. */
const minWaitSeconds: Record<number, number> = { 408: 120, 503: 30 };

/** Statuses of a webhook that are not retried. */
const finalStatuses = new Set([400, 401, 403, 413]);

export interface RetryPolicy {
  /** Waits before Azure's schedule, so that local failures are retried soon; may be empty. */
  firstRetriesSeconds: number[];
  /** Azure's default is 30. */
  maxAttempts: number;
  /** Azure's default is 1,440. */
  timeToLiveMinutes: number;
}

export const azureRetryPolicy: RetryPolicy = {
  firstRetriesSeconds: [],
  maxAttempts: 30,
  timeToLiveMinutes: 1440,
};

/** The result of one attempt; `status` is absent when no answer came. */
export interface Outcome {
  status?: number;
  /** The outcome in a dead-lettered event. */
  name: string;
}

const names: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'TimedOut',
  413: 'RequestEntityTooLarge',
  429: 'Busy',
  503: 'Busy',
};

export function outcomeOf(status: number): Outcome {
  return { status, name: status >= 200 && status <= 204 ? 'Delivered' : (names[status] ?? 'GenericError') };
}

export type Decision =
  { do: 'done' } | { do: 'retry'; delaySeconds: number } | { do: 'giveUp'; reason: string };

/** Decides what to do after attempt number `attempts` (from 1) of an event that is `ageMinutes` old. */
export function decide(
  policy: RetryPolicy,
  outcome: Outcome,
  attempts: number,
  ageMinutes: number,
): Decision {
  if (outcome.name === 'Delivered') {
    return { do: 'done' };
  }
  if (outcome.status !== undefined && finalStatuses.has(outcome.status)) {
    return { do: 'giveUp', reason: `UndeliverableDueToHttp${outcome.name}` };
  }
  if (attempts >= policy.maxAttempts) {
    return { do: 'giveUp', reason: 'MaxDeliveryAttemptsExceeded' };
  }
  const delaySeconds = waitSeconds(policy.firstRetriesSeconds, outcome, attempts);
  const expired = ageMinutes + delaySeconds / 60 > policy.timeToLiveMinutes;
  return expired ? { do: 'giveUp', reason: 'TimeToLiveExceeded' } : { do: 'retry', delaySeconds };
}

function waitSeconds(firstRetriesSeconds: number[], { status = 0 }: Outcome, attempts: number): number {
  const first = firstRetriesSeconds[attempts - 1];
  if (first !== undefined) return first;
  const step = Math.min(attempts - firstRetriesSeconds.length, azureScheduleSeconds.length);
  return Math.max(azureScheduleSeconds[step - 1] ?? 0, minWaitSeconds[status] ?? 0);
}
