/** What other capabilities may use of sessions. */
export { endSession } from './end-session';
export { detectedEvents, EVENTS_DETECTED } from './publish-batch';
export { receiveEvents } from './receive-events';
export { emptySession, keepSession } from './empty-session';
export { setHold } from './hold-session';
export {
  archiveGate,
  deletionEnd,
  deletionGate,
  gatesCopied,
  isOver,
  maybeEmpty,
  sweepGates,
} from './recording-gates';
export { setRestriction } from './restrict-session';
export { rollOver } from './roll-over-session';
export { type Hold, LONGEST_SESSION_MILLISECONDS, partAt, type Session } from './session';
export { sessionsOfSite } from './sessions-of-site';
export { startSession } from './start-session';
export { findSession, findSessions, sessionPartition } from './store';
