/** Tells an orchestration what became of the command that it waits for. */
import type { DurableClient } from 'durable-functions';
import type { z } from 'zod';
import type { commandResultsQueue } from '../../servers';

type CommandResult = z.output<(typeof commandResultsQueue)['message']>;

/** A result for an orchestration that is gone is dropped: nobody waits for it. */
export async function raiseCommandResult(
  client: Pick<DurableClient, 'raiseEvent'>,
  { instanceId, eventName, commandId, status, reason }: CommandResult,
): Promise<void> {
  try {
    await client.raiseEvent(instanceId, eventName, { commandId, status, reason });
  } catch (error) {
    if (!isInstanceGone(error, instanceId)) throw error;
  }
}

/** The SDK says so in words only; were they to change, the queue's tries would end in its poison queue all the same. */
function isInstanceGone(error: unknown, instanceId: string): boolean {
  return error instanceof Error && error.message === `No instance with ID '${instanceId}' found.`;
}
