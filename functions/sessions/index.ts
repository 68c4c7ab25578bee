/** What other capabilities may use of sessions. */
export {
  compactSession,
  compactSessionsQueue,
  dropCompaction,
  startCompactions,
} from './compaction/compact-session';
export { endSession } from './end-session';
export { detectedEvents, EVENTS_DETECTED } from './publish-batch';
export { compareTimed, type TimeRange } from './merge-batches';
export { readSessionEvents } from './read-session-events';
export { rateLate } from './rate-late';
export { receiveEvents } from './receive-events';
export { emptySession, keepSession } from './empty-session';
export { setHold } from './hold-session';
export { archiveGate, deletionEnd, deletionGate, gatesCopied, isOver, sweepGates } from './recording-gates';
export { setRestriction } from './restrict-session';
export { rollOver } from './roll-over-session';
export { LONGEST_SESSION_MILLISECONDS, partAt, type Session } from './session';
export { readSessionSamples, storeSessionSamples } from './sample-batch';
export { sessionsOfSite } from './sessions-of-site';
export { startSession } from './start-session';
export { findSession, findSessions, sessionPartition } from './store';
