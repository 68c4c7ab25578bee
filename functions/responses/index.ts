/** What the composition root uses of responses. */
export { alertMailQueue, sessionActionQueue } from './action-queue';
export { DELAYED_OPERATION, delayedOperation, delayedOperationSteps } from './delayed-operation';
export { responseOperations } from './operations';
export { responsesOfSession } from './responses-of-session';
export { respondedEvents } from './responded-events';
export { respondToEvents } from './respond-to-events';
export { resumeResponses } from './resume-responses';
export { responseCommands } from './take-command-result';
export { giveUpAction } from './work-on-action';
export { workOnQueuedAction } from './work-on-queued-action';
