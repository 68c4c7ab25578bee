/** Every queue of the app. They are made by a deployment, here and in Azure: the app itself makes none. */

/** A queue that is not in this list cannot be defined. */
export const QUEUE_NAMES = [
  'alert-mails',
  'command-results',
  'compact-sessions',
  'maintenance-batches',
  'rate-recordings',
  'response-actions',
  'scheduled-runs',
  'start-task',
  'verify-recordings',
] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** Where the Functions host puts a message of that queue after its last attempt. */
export type PoisonQueueName = `${QueueName}-poison`;

/** The name of the queue's poison queue. */
export function poisonQueueName({ name }: { readonly name: QueueName }): PoisonQueueName {
  return `${name}-poison`;
}

/** The queues with their poison queues: what a deployment makes. */
export const DEPLOYED_QUEUES: readonly (QueueName | PoisonQueueName)[] = QUEUE_NAMES.flatMap((name) => [
  name,
  poisonQueueName({ name }),
]);
