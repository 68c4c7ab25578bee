/** What other capabilities may use of servers. */
export { correctPastTime } from './clock-skew';
export { COMMAND_KINDS, type CommandKind, type CommandOutcome, commandResultsQueue } from './command';
export { configurationReportSchema, storeConfigurationReport } from './configuration-report';
export { expireCommands, findCommandEnd, finishCommand } from './finish-command';
export { clientTime, HEARTBEAT_SECONDS, heartbeatSchema } from './heartbeat';
export { areCommandsWaiting } from './lease-commands';
export { markServersOffline } from './mark-servers-offline';
export { serverOperations } from './operations';
export { findOwnServer, isOwnServer } from './own-server';
export { queueCommand } from './queue-command';
export { recordHeartbeat } from './record-heartbeat';
export { registerServer } from './register-server';
export { readRegistrationRefusals, type RegistrationRefusal } from './registration-refusals';
export { machineSchema, MINIMUM_CLIENT_VERSION, type Server } from './server';
export { SERVER_STATUSES } from './server-status';
export {
  countServers,
  findServer,
  lowestServerVersion,
  readLastSeen,
  readSkewMilliseconds,
  selectServers,
} from './store';
export { unregisterServer } from './unregister-server';
export { waitForCommands } from './wait-for-commands';
