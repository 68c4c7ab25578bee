/** Works on an action that a queue brings: its delayed operation becomes an orchestration. */
import type { DurableClient } from 'durable-functions';
import type { Log } from '../../shared/telemetry/telemetry';
import type { ActionRef } from './action-queue';
import { startDelayedOperation } from './delayed-operation';
import { workOnAction, type Working } from './work-on-action';

/** @throws when not even the failure can be recorded: the queue then brings the message again */
export async function workOnQueuedAction(
  services: Working,
  ref: ActionRef,
  client: DurableClient,
  log: Log,
): Promise<void> {
  await workOnAction(services, ref, (delayed) => startDelayedOperation(client, services, delayed), log);
}
