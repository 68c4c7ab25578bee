/** The composition root: every function of the app is registered here, and nowhere else. */
import { loadConfig } from '../shared/config';
import {
  activity,
  durableQueue,
  eventGrid,
  orchestration,
  poisonQueue,
  queue,
  registerTriggers,
  sweep,
  type Trigger,
} from '../shared/functions/trigger';
import { registerOperations } from '../shared/http/register';
import { moveLogEntries } from '../shared/log/move-log-entries';
import { prepareMonths } from '../shared/months/prepare-months';
import { openServices, type Services } from '../shared/services';
import { operations } from './operations';
import { giveUpVerification, verifyRecording, verifyRecordingsQueue } from './recordings';
import {
  alertMailQueue,
  DELAYED_OPERATION,
  delayedOperation,
  delayedOperationSteps,
  dropCommandResult,
  giveUpAction,
  respondToEvents,
  resumeResponses,
  sessionActionQueue,
  takeCommandResult,
  workOnQueuedAction,
} from './responses';
import { commandResultsQueue, countServers, expireCommands, markServersOffline } from './servers';

/** Every function that no HTTP request starts: name, kind, source, handler. The names are known to hosts and queues. */
const triggers: readonly Trigger[] = [
  sweep('markServersOffline', '0 * * * * *', markServersOffline),
  sweep('expireCommands', '0 * * * * *', expireCommands),
  sweep('resumeResponses', '30 * * * * *', resumeResponses),
  sweep('moveLogEntries', '15 * * * * *', moveLogEntries),
  sweep('prepareMonths', '0 10 * * * *', (services, log) => prepareMonths(services, log, countServers)),

  queue('verifyRecording', verifyRecordingsQueue, verifyRecording),
  poisonQueue('giveUpVerification', verifyRecordingsQueue, giveUpVerification),

  eventGrid('respondToEvents', respondToEvents),
  durableQueue('workOnAction', sessionActionQueue, workOnQueuedAction),
  poisonQueue('giveUpAction', sessionActionQueue, giveUpAction),
  durableQueue('sendAlertMail', alertMailQueue, workOnQueuedAction),
  poisonQueue('giveUpAlertMail', alertMailQueue, giveUpAction),
  durableQueue('takeCommandResult', commandResultsQueue, takeCommandResult),
  poisonQueue('dropCommandResult', commandResultsQueue, dropCommandResult),

  orchestration(DELAYED_OPERATION, delayedOperation),
  activity(delayedOperationSteps.announce),
  activity(delayedOperationSteps.carryOut),
  activity(delayedOperationSteps.record),
];

let opened: Services | undefined;

/** Opened by the first invocation, so that registering the app needs no configuration. */
function services(): Services {
  opened ??= openServices(loadConfig());
  return opened;
}

registerOperations(operations, services);
registerTriggers(triggers, services);
