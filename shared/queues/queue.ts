/** Storage queues: typed messages, and poison queues for those that cannot be processed. */
import type { TokenCredential } from '@azure/identity';
import { QueueServiceClient } from '@azure/storage-queue';
import type { z } from 'zod';
import type { Config } from '../config';
import { TIME_LIMITS, withinTimeLimit } from '../time-limits';
import type { PoisonQueueName, QueueName } from './queue-names';

/** A queue and the shape of its messages: ids only, never secrets, at most 48 KB. */
export interface QueueDefinition<T, N extends QueueName | PoisonQueueName = QueueName> {
  readonly name: N;
  readonly message: z.ZodType<T>;
}

/** A queue whose messages failed in every attempt, or one that has such a queue. */
export type AnyQueueDefinition<T> = QueueDefinition<T, QueueName | PoisonQueueName>;

export class Queues {
  constructor(private readonly service: QueueServiceClient) {}

  /** Sends a message, visible after `delaySeconds` (0 to 7 days). */
  async send<T>(queue: AnyQueueDefinition<T>, message: T, delaySeconds = 0): Promise<void> {
    const text = JSON.stringify(queue.message.parse(message));
    const client = this.service.getQueueClient(queue.name);
    await timed((abortSignal) => client.sendMessage(text, { visibilityTimeout: delaySeconds, abortSignal }));
  }

  /** Resolves when this queue answers. Service properties would need a role that the app does not have. */
  async ping({ name }: Pick<QueueDefinition<unknown>, 'name'>): Promise<void> {
    await timed((abortSignal) => this.service.getQueueClient(name).getProperties({ abortSignal }));
  }
}

/** The queues of the configured storage account. */
export function openQueues(config: Config, credential: TokenCredential): Queues {
  const retryOptions = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 };
  return new Queues(new QueueServiceClient(config.storage.queueEndpoint, credential, { retryOptions }));
}

/** `tryTimeoutInMs` of the SDK is only sent to the server: it does not abort an unanswered request. */
function timed<T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  return withinTimeLimit('Queue storage', TIME_LIMITS.storage, call);
}
