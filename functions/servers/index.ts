/** What other capabilities may use of servers. */
export { correctPastTime } from './clock-skew';
export { type CommandOutcome, commandResultsQueue } from './commands/command';
export {
  type CommandOutcomeReport,
  type CommandPurpose,
  dropCommandReport,
  takeCommandReport,
} from './commands/command-purpose';
export { type CommandData, commandData, type DeliveredParameters } from './commands/command-kinds';
export { commandReportSchema, deliveredCommand } from './commands/delivered-command';
export { configurationReportSchema, storeConfigurationReport } from './configuration-report';
export { expireCommands, findCommandEnd, finishCommand, reportProgress } from './commands/finish-command';
export { clientTime, HEARTBEAT_SECONDS, heartbeatSchema } from './heartbeat';
export { secondsToNextHeartbeat } from './heartbeat-phase';
export { localChangesSchema, logLocalChanges } from './local-log';
export {
  packSamples,
  type PerformanceSample,
  type SampleBatch,
  samplesSchema,
  storeServerSamples,
} from './performance-samples';
export { markServersOffline } from './mark-servers-offline';
export { serverOperations } from './operations';
export { findOwnServer, findServerOfHeartbeat, isOwnServer, keepsStatus } from './own-server';
export { listDeployedMachines, releaseMachines } from './deployed-machines';
export { installDeployed } from './installation/install-deployed';
export { planMachines, setupStarted } from './planned-machines';
export { type CommandContent, queueCommand } from './commands/queue-command';
export { recordHeartbeat } from './record-heartbeat';
export { requireWorkingLog } from './administrator-log';
export { registerServer } from './register-server';
export { SERVER_SETTING_TEXTS } from './settings/field-texts';
export { type PlaybackRules, playbackRulesOf } from './settings/playback-rules';
export { serverSettings } from './settings/server-settings';
export {
  MAX_STAGED_BYTES,
  stagedBlobName,
  stagedPrefix,
  STAGING_URL_SECONDS,
} from './commands/staged-file-blob';
export { findServerSettings, timeZoneOfSite } from './settings/store';
export { readRegistrationRefusals, type RegistrationRefusal } from './registration-refusals';
export { machineSchema, MINIMUM_CLIENT_VERSION, type Server } from './server';
export { SERVER_STATUSES } from './server-status';
export { countServers, findServer, readLastSeen, readSkewMilliseconds, selectServers } from './store';
export { installationCommands, resumeInstallations } from './installation/end-installation';
export {
  checkInstallationTask,
  installationTask,
  testConnectionTask,
} from './installation/installation-tasks';
export { clientUpgrades } from './upgrades/automatic-upgrade';
export { resumeUpgrades, upgradeCommands } from './upgrades/end-upgrade';
export { upgradeTask } from './upgrades/upgrade-task';
export { hasTemplateMachines, serversOfSite } from './servers-of-site';
export { missingFeatures, requireFeatures } from './site-features';
export { isSiteGone, serverWithoutSite } from './site-of-server';
export {
  endOfServerTask,
  queueTaskCommand,
  serverTaskCommands,
  serverTaskKind,
} from './troubleshooting/server-task';
export { serverTaskKinds } from './troubleshooting/task-kinds';
export { unregisterServer } from './unregister-server';
export { waitForCommands } from './commands/wait-for-commands';
