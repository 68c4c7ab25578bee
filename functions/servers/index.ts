/** What other capabilities may use of servers. */
export { type CommandKind, type CommandOutcome, commandResultsQueue } from './command';
export { queueCommand } from './queue-command';
export { type Server } from './server';
export { findServer, lowestServerVersion } from './store';
