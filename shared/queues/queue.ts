/** Storage queues: typed messages, and where those end that cannot be worked on. */
import type { TokenCredential } from '@azure/identity';
import { QueueServiceClient } from '@azure/storage-queue';
import type { z } from 'zod';
import type { Config } from '../config';
import { TIME_LIMITS, withinTimeLimit } from '../time-limits';

/** A queue and the shape of its messages: ids only, never secrets, at most 48 KB. */
export interface QueueDefinition<T> {
  readonly name: string;
  readonly message: z.ZodType<T>;
}

/** Where the Functions host puts a message after its last attempt. */
export function poisonQueueName(queue: Pick<QueueDefinition<unknown>, 'name'>): string {
  return `${queue.name}-poison`;
}

export class Queues {
  constructor(private readonly service: QueueServiceClient) {}

  /** Sends a message, visible after `delaySeconds` (0 to 7 days). */
  async send<T>(queue: QueueDefinition<T>, message: T, delaySeconds = 0): Promise<void> {
    const text = JSON.stringify(queue.message.parse(message));
    const client = this.service.getQueueClient(queue.name);
    await timed((abortSignal) => client.sendMessage(text, { visibilityTimeout: delaySeconds, abortSignal }));
  }

  async ping(): Promise<void> {
    await timed((abortSignal) => this.service.getProperties({ abortSignal }));
  }
}

/** The queues of the configured storage account. */
export function openQueues(config: Config, credential: TokenCredential): Queues {
  const retryOptions = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 };
  return new Queues(new QueueServiceClient(config.storage.queueEndpoint, credential, { retryOptions }));
}

/** `tryTimeoutInMs` of the SDK only tells the server: it ends no request that is not answered. */
function timed<T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  return withinTimeLimit('Queue storage', TIME_LIMITS.storage, call);
}
