/** What other capabilities may use of recordings. */
export { type Session, type SessionDecision, sessionType } from './session';
export { findSession } from './store';
