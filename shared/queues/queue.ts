/** Storage queues: typed messages, and where those end that cannot be worked on. */
import type { TokenCredential } from '@azure/identity';
import { QueueServiceClient } from '@azure/storage-queue';
import type { z } from 'zod';
import type { Config } from '../config';

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
    await this.service.getQueueClient(queue.name).sendMessage(text, { visibilityTimeout: delaySeconds });
  }

  async ping(): Promise<void> {
    await this.service.getProperties();
  }
}

/** The queues of the configured storage account. */
export function openQueues(config: Config, credential: TokenCredential): Queues {
  return new Queues(new QueueServiceClient(config.storage.queueEndpoint, credential));
}
