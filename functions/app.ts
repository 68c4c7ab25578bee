/** The composition root: every function of the app is registered here, and nowhere else. */
import { loadConfig } from '../shared/config';
import {
  activity,
  durableQueue,
  eventGrid,
  hourlySweep,
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
import { rateRecordingsQueue } from '../shared/recordings/rate-recordings-queue';
import {
  giveUpScheduledRun,
  runScheduled,
  scheduledRunQueue,
  type ScheduleKind,
  startDueSchedules,
} from '../shared/schedules/run-schedules';
import { removeOverdueSecrets } from '../shared/secrets/temporary-secret';
import { openServices, type Services } from '../shared/services';
import { ThreadPool } from '../shared/threads/thread-pool';
import { RUN_TASK, runTask } from '../shared/tasks/run-task';
import { dropTaskStart, resumeTasks, startTask } from '../shared/tasks/start-task';
import { startTaskQueue } from '../shared/tasks/task-queue';
import { taskSteps } from '../shared/tasks/task-steps';
import { warnOfOldNode } from '../shared/telemetry/node-version';
import { lineLog } from '../shared/telemetry/telemetry';
import { deploymentStep, openConnection, RUN_DEPLOYMENT, runDeployment } from './host-deployments';
import { secretExpiryWarnings, watchOlderClients } from './identity';
import { operations } from './operations';
import {
  giveUpBatch,
  giveUpRating,
  giveUpVerification,
  maintenanceBatchQueue,
  maintenanceRuns,
  maintenanceSteps,
  rateRecording,
  recordingFileCommands,
  removeStagedFiles,
  resumeGates,
  maintainUploads,
  RUN_MAINTENANCE,
  runMaintenance,
  verifyRecording,
  verifyRecordingsQueue,
  workOnBatch,
} from './recordings';
import {
  alertMailQueue,
  DELAYED_OPERATION,
  delayedOperation,
  delayedOperationSteps,
  giveUpAction,
  responsesOfSession,
  respondToEvents,
  responseCommands,
  resumeResponses,
  sessionActionQueue,
  workOnQueuedAction,
} from './responses';
import {
  type CommandPurpose,
  commandResultsQueue,
  countServers,
  dropCommandReport,
  expireCommands,
  markServersOffline,
  clientUpgrades,
  installationCommands,
  resumeInstallations,
  resumeUpgrades,
  serverTaskCommands,
  takeCommandReport,
  upgradeCommands,
} from './servers';
import {
  compactSession,
  compactSessionsQueue,
  dropCompaction,
  rateLateEvents,
  startCompactions,
} from './sessions';
import { siteDependents } from './site-dependents';
import { siteCleanup } from './sites';
import { taskKinds } from './task-kinds';

const steps = taskSteps(taskKinds);

/** Everything that has servers execute commands. */
const commandPurposes: readonly CommandPurpose[] = [
  responseCommands,
  serverTaskCommands,
  upgradeCommands,
  installationCommands,
  recordingFileCommands,
];

/** Every kind of schedule. */
const scheduleKinds: readonly ScheduleKind[] = [
  secretExpiryWarnings,
  siteCleanup(siteDependents),
  clientUpgrades,
  maintenanceRuns,
];

/** Every function that no HTTP request starts: name, kind, source, handler. The names are known to hosts and queues. */
export const triggers: readonly Trigger[] = [
  sweep('markServersOffline', 0, markServersOffline),
  sweep('expireCommands', 0, expireCommands),
  sweep('resumeUpgrades', 20, resumeUpgrades),
  sweep('resumeInstallations', 25, resumeInstallations),
  sweep('removeOverdueSecrets', 35, removeOverdueSecrets),
  sweep('resumeResponses', 30, resumeResponses),
  sweep('moveLogEntries', 15, moveLogEntries),
  hourlySweep('prepareMonths', 10, (services, log) => prepareMonths(services, log, countServers)),

  queue('verifyRecording', verifyRecordingsQueue, verifyRecording),
  poisonQueue('giveUpVerification', verifyRecordingsQueue, giveUpVerification),
  queue('rateRecording', rateRecordingsQueue, rateRecording(responsesOfSession)),
  poisonQueue('giveUpRating', rateRecordingsQueue, giveUpRating),
  sweep('resumeRestrictions', 15, resumeGates),
  sweep('maintainUploads', 50, maintainUploads),
  sweep('removeStagedFiles', 55, removeStagedFiles),
  sweep('startCompactions', 40, startCompactions),
  sweep('rateLateEvents', 50, rateLateEvents),
  queue('compactSession', compactSessionsQueue, compactSession),
  poisonQueue('dropCompaction', compactSessionsQueue, dropCompaction),

  orchestration(RUN_MAINTENANCE, runMaintenance),
  activity(maintenanceSteps.plan),
  activity(maintenanceSteps.check),
  activity(maintenanceSteps.end),
  queue('workOnMaintenanceBatch', maintenanceBatchQueue, workOnBatch),
  poisonQueue('giveUpMaintenanceBatch', maintenanceBatchQueue, giveUpBatch),

  orchestration(RUN_DEPLOYMENT, runDeployment),
  activity(deploymentStep(openConnection, siteDependents)),

  eventGrid('respondToEvents', respondToEvents),
  durableQueue('workOnAction', sessionActionQueue, workOnQueuedAction),
  poisonQueue('giveUpAction', sessionActionQueue, giveUpAction),
  durableQueue('sendAlertMail', alertMailQueue, workOnQueuedAction),
  poisonQueue('giveUpAlertMail', alertMailQueue, giveUpAction),
  durableQueue('takeCommandResult', commandResultsQueue, takeCommandReport(commandPurposes)),
  poisonQueue('dropCommandResult', commandResultsQueue, dropCommandReport),

  orchestration(DELAYED_OPERATION, delayedOperation),
  activity(delayedOperationSteps.announce),
  activity(delayedOperationSteps.carryOut),
  activity(delayedOperationSteps.record),

  durableQueue('startTask', startTaskQueue, startTask),
  poisonQueue('dropTaskStart', startTaskQueue, dropTaskStart),
  sweep('resumeTasks', 45, resumeTasks),
  orchestration(RUN_TASK, runTask),
  activity(steps.begin),
  activity(steps.workOnPage),
  activity(steps.recordProgress),
  activity(steps.end),

  sweep('startDueSchedules', 0, startDueSchedules),
  queue('runScheduled', scheduledRunQueue, runScheduled(scheduleKinds)),
  poisonQueue('giveUpScheduledRun', scheduledRunQueue, giveUpScheduledRun),
  hourlySweep('watchOlderClients', 40, watchOlderClients),
];

/** Three customers at most work on large policies at the same time; the others wait for their turn. */
const operationThreads = new ThreadPool({
  file: 'operation-thread.js',
  maxThreads: 3,
  maxWaiting: 64,
  maxWaitingPerCustomer: 16,
  heapMegabytes: 320,
  idleSeconds: 60,
});

let opened: Services | undefined;

/** Opened by the first invocation, so that registering the app needs no configuration. */
function services(): Services {
  if (opened === undefined) {
    const config = loadConfig();
    // eslint-disable-next-line no-console -- the log of an invocation would say it again and again
    const log = lineLog((line, level) => console[level](line));
    warnOfOldNode(log, config.runsInAzure, process.versions.node);
    opened = openServices(config);
  }
  return opened;
}

registerOperations(operations, services, operationThreads);
registerTriggers(triggers, services);
