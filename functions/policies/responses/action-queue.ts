/** The queue of actions to carry out: one message per action, ids only. */
import { z } from 'zod';
import { monthOfSession } from '../../../shared/ids';
import { poisonQueueName, type QueueDefinition } from '../../../shared/queues/queue';
import type { Services } from '../../../shared/services';
import { type Action, ACTIONS } from '../engine/event-types';
import type { EventResponse } from './event-response';

export const actionRef = z.object({
  customerId: z.string(),
  siteId: z.string(),
  /** Of the session: part of the key of the response's partition. */
  month: z.string(),
  eventId: z.string(),
  action: z.enum(ACTIONS),
});

/** Names one action of one response. */
export type ActionRef = z.output<typeof actionRef>;

export const actionQueue: QueueDefinition<ActionRef> = { name: 'response-actions', message: actionRef };

/** Where actions end that cannot be carried out; the host moves there what it cannot run at all. */
export const actionPoisonQueue: QueueDefinition<ActionRef> = {
  name: poisonQueueName(actionQueue),
  message: actionRef,
};

type Key = Pick<EventResponse, 'id' | 'siteId' | 'sessionId'>;

/** The partition that a response lies in. */
export function responsesOf({ database }: Pick<Services, 'database'>, ref: Omit<ActionRef, 'action'>) {
  return database.responses(ref.customerId, ref.siteId, ref.month);
}

function refOf(customerId: string, { id, siteId, sessionId }: Key, action: Action): ActionRef {
  return { customerId, siteId, month: monthOfSession(sessionId), eventId: id, action };
}

/** Sends the actions, in their order. */
export async function sendActions(
  { queues }: Pick<Services, 'queues'>,
  customerId: string,
  response: Key,
  kinds: readonly Action[],
): Promise<void> {
  for (const kind of kinds) await queues.send(actionQueue, refOf(customerId, response, kind));
}
