/** What starts the event pipeline: published events, queues and the clock. */
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Services } from '../../../shared/services';
import { type Log, lineLog } from '../../../shared/telemetry/telemetry';
import { poisonQueueName, type QueueDefinition } from '../../../shared/queues/queue';
import { commandResultsQueue } from '../../servers';
import { type ActionRef, alertMailQueue, sessionActionQueue } from './action-queue';
import { registerDelayedOperation, startDelayedOperation } from './delayed-operation';
import { respondToEvents } from './respond-to-events';
import { resumeResponses } from './resume-responses';
import { takeCommandResult } from './take-command-result';
import { giveUpAction, workOnAction } from './work-on-action';

/** The app's own storage account. */
const connection = 'AzureWebJobsStorage';
const EVERY_MINUTE = '30 * * * * *';

/** Registers the Event Grid trigger, the queues with their poison queues, the timer and the orchestration. */
export function registerPolicyTriggers(services: () => Services): void {
  app.eventGrid('respondToEvents', {
    handler: (event: unknown, context) => respondToEvents(services(), event, logOf(context)),
  });
  registerActionQueue(services, sessionActionQueue, ['workOnAction', 'giveUpAction']);
  registerActionQueue(services, alertMailQueue, ['sendAlertMail', 'giveUpAlertMail']);
  df.app.client.storageQueue('takeCommandResult', {
    queueName: commandResultsQueue.name,
    connection,
    handler: (message, client) =>
      takeCommandResult(services(), client, commandResultsQueue.message.parse(message)),
  });
  app.storageQueue('dropCommandResult', {
    queueName: poisonQueueName(commandResultsQueue),
    connection,
    handler: (message, context) => {
      // Whoever waits looks for it when its time is over.
      logOf(context).warn('a command result reached nobody', { message: JSON.stringify(message) });
    },
  });
  app.timer('resumeResponses', {
    schedule: EVERY_MINUTE,
    handler: (_timer, context) => resumeResponses(services(), logOf(context)),
  });
  registerDelayedOperation(services);
}

function registerActionQueue(
  services: () => Services,
  queue: QueueDefinition<ActionRef>,
  [work, giveUp]: [string, string],
): void {
  df.app.client.storageQueue(work, {
    queueName: queue.name,
    connection,
    handler: (message, client, context) =>
      workOnAction(
        services(),
        queue.message.parse(message),
        (ref) => startDelayedOperation(client, services(), ref),
        logOf(context),
      ),
  });
  app.storageQueue(giveUp, {
    queueName: poisonQueueName(queue),
    connection,
    handler: (message) => giveUpAction(services(), queue.message.parse(message)),
  });
}

function logOf(context: InvocationContext): Log {
  return lineLog((line) => {
    context.log(line);
  });
}
