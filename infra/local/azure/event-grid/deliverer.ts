/** Delivers queued events to the subscription's webhook, at least once, in no particular order. */
import { z } from 'zod';
import { BrokenConnectionError, type FaultInjector } from '../../faults/fault-injector';
import { type DeadLetterStore } from './dead-letter';
import { type Delivery, type DeliveryQueue } from './delivery-queue';
import { subscriptionName } from './names';
import { decide, outcomeOf, type Outcome, type RetryPolicy } from './retry-policy';

export interface DelivererOptions {
  queue: DeliveryQueue;
  webhook: string;
  policy: RetryPolicy;
  deadLetters: DeadLetterStore;
  /** Faults for deliveries: method `DELIVER`, path = the event's type, body = the event. */
  faults: FaultInjector;
}

const concurrency = 32;
/** Azure's limit for an answer. */
const timeoutSeconds = 30;
/** The retry interval while the webhook refuses connections: the host is being restarted. */
const refusedPauseMilliseconds = 250;
/** The retry interval after the dead letter store has failed. */
const deadLetterRetryMilliseconds = 5000;
const maxSleepMilliseconds = 60_000;

export class Deliverer {
  private readonly inFlight = new Map<number, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private pausedUntil = 0;
  private stopped = false;

  constructor(private readonly options: DelivererOptions) {}

  /** Looks for due deliveries now; call it after something was queued. */
  wake(): void {
    clearTimeout(this.timer);
    if (this.stopped) {
      return;
    }
    if (Date.now() >= this.pausedUntil) {
      this.launch();
    }
    this.timer = setTimeout(() => this.wake(), this.sleepMilliseconds());
  }

  /** Starts no more deliveries and waits for those in progress. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await Promise.all(this.inFlight.values());
  }

  private launch(): void {
    const { queue } = this.options;
    for (const delivery of queue.due(concurrency - this.inFlight.size, this.inFlight.keys())) {
      this.inFlight.set(delivery.id, this.attempt(delivery));
    }
  }

  private sleepMilliseconds(): number {
    const now = Date.now();
    if (now < this.pausedUntil) {
      return this.pausedUntil - now;
    }
    if (this.inFlight.size >= concurrency) {
      // The first one that ends wakes the loop.
      return maxSleepMilliseconds;
    }
    const dueInMilliseconds =
      (this.options.queue.nextDueAt(this.inFlight.keys())?.getTime() ?? Infinity) - now;
    return Math.max(0, Math.min(dueInMilliseconds, maxSleepMilliseconds));
  }

  private async attempt(delivery: Delivery): Promise<void> {
    try {
      await this.settle(delivery, await this.deliver(delivery));
    } catch (error) {
      if (!(error instanceof NoListenerError)) throw error;
      this.pausedUntil = Date.now() + refusedPauseMilliseconds;
    } finally {
      this.inFlight.delete(delivery.id);
      this.wake();
    }
  }

  /** @throws NobodyListensError */
  private async deliver(delivery: Delivery): Promise<Outcome> {
    try {
      return await this.options.faults.carryOut({
        call: { method: 'DELIVER', path: delivery.event.type, body: () => JSON.stringify(delivery.event) },
        proceed: () => this.post(delivery),
        refuse: ({ status }) => outcomeOf(status),
      });
    } catch (error) {
      if (error instanceof BrokenConnectionError) return { name: 'SocketError' };
      throw error;
    }
  }

  private async post(delivery: Delivery): Promise<Outcome> {
    try {
      const response = await fetch(this.options.webhook, {
        method: 'POST',
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'aeg-event-type': 'Notification',
          'aeg-subscription-name': subscriptionName.toUpperCase(),
          'aeg-delivery-count': String(delivery.attempts),
        },
        body: JSON.stringify(delivery.event),
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      });
      await response.arrayBuffer();
      return outcomeOf(response.status);
    } catch (error) {
      return unanswered(error);
    }
  }

  private async settle(delivery: Delivery, outcome: Outcome): Promise<void> {
    const { queue, policy, deadLetters } = this.options;
    const attempts = delivery.attempts + 1;
    const lastAttemptAt = new Date();
    const ageMinutes = (lastAttemptAt.getTime() - delivery.publishedAt.getTime()) / 60_000;
    const decision = decide(policy, outcome, attempts, ageMinutes);
    switch (decision.do) {
      case 'done':
        return queue.remove(delivery.id);
      case 'retry':
        return queue.retry(delivery.id, attempts, new Date(Date.now() + decision.delaySeconds * 1000));
      case 'giveUp':
        try {
          await deadLetters({ delivery, attempts, outcome, lastAttemptAt, reason: decision.reason });
          queue.remove(delivery.id);
        } catch (error) {
          console.error('Event Grid: a dead letter could not be written.', error);
          queue.retry(delivery.id, attempts, new Date(Date.now() + deadLetterRetryMilliseconds));
        }
    }
  }
}

/** fetch wraps the failure of the socket: `TypeError: fetch failed`, with the system's error as its cause. */
const fetchFailure = z.object({
  name: z.string(),
  cause: z.object({ code: z.string().optional() }).optional(),
});

/** The subscriber is down, which is no attempt. */
class NoListenerError extends Error {}

function unanswered(error: unknown): Outcome {
  const { name, cause } = fetchFailure.parse(error);
  if (cause?.code === 'ECONNREFUSED') throw new NoListenerError();
  return { name: name === 'TimeoutError' ? 'TimedOut' : 'SocketError' };
}
