/** What heartbeats need of a customer: read at most every 15 seconds by each instance, for all servers together. */
import type { Database } from '../../shared/cosmos/database';
import { RecentControl } from '../../shared/cosmos/recent-control';
import type { Services } from '../../shared/services';

/** A server that is moved to another client is out of the reach of the former one within 30 seconds. */
const MAX_AGE_MILLISECONDS = 15_000;
const MAX_CUSTOMERS = 200;

/** The server itself, and the parts of its configuration. */
const TYPES = [
  'server',
  'server-settings',
  'site',
  'site-settings',
  'active-policies',
  'customer-preferences',
] as const;

const states = new WeakMap<Database, RecentControl>();

/** The cache of this process; what the process itself changes is seen at once. */
export function recentState({ database, clock }: Pick<Services, 'database' | 'clock'>): RecentControl {
  const limits = { maxAgeMilliseconds: MAX_AGE_MILLISECONDS, maxCustomers: MAX_CUSTOMERS };
  const state = states.get(database) ?? new RecentControl(database, clock, { types: TYPES, ...limits });
  states.set(database, state);
  return state;
}
