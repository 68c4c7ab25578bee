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
export { planMachines, setupStarted } from './planned-machines';
export { queueCommand } from './queue-command';
export { recordHeartbeat } from './record-heartbeat';
export { registerServer } from './register-server';
export { machineSchema, type Server } from './server';
export { missingFeatures, requireFeatures, whyUnsupported } from './site-features';
export { countServers, findServer, readSkewMilliseconds } from './store';
export { unregisterServer } from './unregister-server';
export { waitForCommands } from './wait-for-commands';
