/** What other capabilities may use of host connections. */
export { type HostConnection, usesConnection } from './host-connection';
export { openSubscription } from './open-subscription';
export { findHostConnection } from './store';
