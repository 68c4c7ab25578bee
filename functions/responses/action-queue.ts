/** The queues of actions to carry out: one message per action, ids only. */
import { z } from 'zod';
import { sessionMonthKey } from '../../shared/months/customer-months';
import type { AnyQueueDefinition, QueueDefinition } from '../../shared/queues/queue';
import { poisonQueueName } from '../../shared/queues/queue-names';
import type { Services } from '../../shared/services';
import { type Action, ACTIONS } from '../policies/engine';
import type { EventResponse } from './event-response';

export const actionRef = z.object({
  customerId: z.string(),
  siteId: z.string(),
  /** Of the session, with its bucket (`2026-11.a`): part of the key of the response's partition. */
  month: z.string(),
  eventId: z.string(),
  action: z.enum(ACTIONS),
});

/** Names one action of one response. */
export type ActionRef = z.output<typeof actionRef>;

/** What is done to sessions takes milliseconds. */
export const sessionActionQueue: QueueDefinition<ActionRef> = {
  name: 'response-actions',
  message: actionRef,
};

/** A mail waits for its account's turn and for its server: sessions must not wait with it to be locked. */
export const alertMailQueue: QueueDefinition<ActionRef> = { name: 'alert-mails', message: actionRef };

/** The queue of an action. */
export function actionQueue({ action }: Pick<ActionRef, 'action'>): QueueDefinition<ActionRef> {
  return action === 'sendEmail' ? alertMailQueue : sessionActionQueue;
}

/** What a log line says of an action. */
export function loggedAction({ customerId, siteId, eventId, action }: ActionRef) {
  return { customerId, siteId, eventId, action };
}

/** Where an action ends that cannot be carried out; the host moves there what it cannot run at all. */
export function actionPoisonQueue(ref: Pick<ActionRef, 'action'>): AnyQueueDefinition<ActionRef> {
  return { name: poisonQueueName(actionQueue(ref)), message: actionRef };
}

type Key = Pick<EventResponse, 'id' | 'siteId' | 'sessionId'>;

/** The partition that a response lies in. */
export function responsesOf({ database }: Pick<Services, 'database'>, ref: Omit<ActionRef, 'action'>) {
  return database.responses(ref.customerId, ref.siteId, ref.month);
}

/** Names an action of a response. */
export async function actionRefOf(
  services: Pick<Services, 'database'>,
  customerId: string,
  { id, siteId, sessionId }: Key,
  action: Action,
): Promise<ActionRef> {
  const month = await sessionMonthKey(services, customerId, sessionId);
  return { customerId, siteId, month, eventId: id, action };
}

/** Sends the actions, in their order. */
export async function sendActions(
  services: Pick<Services, 'database' | 'queues'>,
  customerId: string,
  response: Key,
  kinds: readonly Action[],
): Promise<void> {
  for (const kind of kinds) {
    const ref = await actionRefOf(services, customerId, response, kind);
    await services.queues.send(actionQueue(ref), ref);
  }
}
