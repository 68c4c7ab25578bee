/** What other capabilities may use of recordings. */
export { type Session, sessionType } from './session';
export { findSession } from './store';
