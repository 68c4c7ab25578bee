/** Delivers the result of a command to what waits for it: the orchestration of an operation, or the action itself. */
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import type { CommandOutcomeReport, CommandPurpose } from '../servers';
import { actionRef } from './action-queue';
import { finishAction } from './action-store';
import { outcomeOfCommand, RESPONSE_COMMANDS } from './session-commands';

const waiting = z.union([z.strictObject({ instanceId: z.string(), eventName: z.string() }), actionRef]);

/** A result for an orchestration that no longer exists is dropped. */
export async function takeCommandResult(
  services: Pick<Services, 'database' | 'clock'>,
  { replyTo, ...result }: CommandOutcomeReport,
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

/** The commands of actions. */
export const responseCommands: CommandPurpose = { name: RESPONSE_COMMANDS, onOutcome: takeCommandResult };

/** The SDK has only a message for it; should that change, the message ends in the poison queue, which drops it too. */
function isInstanceGone(error: unknown, instanceId: string): boolean {
  return error instanceof Error && error.message === `No instance with ID '${instanceId}' found.`;
}
