/** Tells whoever waits for a command what became of it: the orchestration of an operation, or the action itself. */
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import type { commandResultsQueue } from '../servers';
import { actionRef } from './action-queue';
import { finishAction } from './action-store';
import { endOf } from './session-commands';

type CommandResult = z.output<(typeof commandResultsQueue)['message']>;

const waiting = z.union([z.strictObject({ instanceId: z.string(), eventName: z.string() }), actionRef]);

/** A result for an orchestration that is gone is dropped: nobody waits for it. */
export async function takeCommandResult(
  services: Pick<Services, 'database' | 'clock'>,
  { replyTo, ...result }: CommandResult,
  client: Pick<DurableClient, 'raiseEvent'>,
): Promise<void> {
  const who = waiting.parse(replyTo);
  if (!('instanceId' in who)) return finishAction(services, who, endOf(result));
  try {
    await client.raiseEvent(who.instanceId, who.eventName, result);
  } catch (error) {
    if (!isInstanceGone(error, who.instanceId)) throw error;
  }
}

/** Ends a result that could not be delivered: whoever waits for it looks the command up when its time is over. */
export async function dropCommandResult(
  _services: unknown,
  { commandId, status }: CommandResult,
  log: Log,
): Promise<void> {
  log.warn('command-result.not-delivered', { commandId, status });
}

/** The SDK says so in words only; were they to change, the queue's tries would end in its poison queue all the same. */
function isInstanceGone(error: unknown, instanceId: string): boolean {
  return error instanceof Error && error.message === `No instance with ID '${instanceId}' found.`;
}
