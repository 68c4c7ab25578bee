/** Delivers the result of a command to what waits for it: the orchestration of an operation, or the action itself. */
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import type { commandResultsQueue } from '../servers';
import { actionRef } from './action-queue';
import { finishAction } from './action-store';
import { outcomeOfCommand } from './session-commands';

type CommandResult = z.output<(typeof commandResultsQueue)['message']>;

const waiting = z.union([z.strictObject({ instanceId: z.string(), eventName: z.string() }), actionRef]);

/** A result for an orchestration that no longer exists is dropped. */
export async function takeCommandResult(
  services: Pick<Services, 'database' | 'clock'>,
  { replyTo, ...result }: CommandResult,
  client: Pick<DurableClient, 'raiseEvent'>,
  log: Log,
): Promise<void> {
  const recipient = waiting.parse(replyTo);
  if (!('instanceId' in recipient)) return finishAction(services, recipient, outcomeOfCommand(result), log);
  try {
    await client.raiseEvent(recipient.instanceId, recipient.eventName, result);
  } catch (error) {
    if (!isInstanceGone(error, recipient.instanceId)) throw error;
  }
}

/** Drops a result that could not be delivered: what waits for it looks the command up when it is overdue. */
export async function dropCommandResult(
  _services: unknown,
  { commandId, status }: CommandResult,
  log: Log,
): Promise<void> {
  log.warn('command-result.not-delivered', { commandId, status });
}

/** The SDK has only a message for it; should that change, the message ends in the poison queue, which drops it too. */
function isInstanceGone(error: unknown, instanceId: string): boolean {
  return error instanceof Error && error.message === `No instance with ID '${instanceId}' found.`;
}
