/** What other capabilities may use of host connections. */
export { usesConnection } from './host-connection';
export type { HostConnectionUser } from './host-connection-user';
export { openSubscription } from './open-subscription';
export { hostConnectionOperations } from './operations';
export { findHostConnection } from './store';
