/** Stable GUIDs for names: the same customer or user is the same one on every machine and after every reset. */
import { v5, validate } from 'uuid';

/** Any constant UUID will do; this one is used by the local directory only. */
const namespace = '5e551073-2ec0-4d1e-9b8a-7d1f0c0a11ce';

/** The tenant of a customer: a GUID given is kept, a name (case does not matter) gives its own. */
export function tenantIdOf(customer: string): string {
  const name = customer.trim().toLowerCase();
  return validate(name) ? name : v5(`tenant:${name}`, namespace);
}

/** The object id of a user or application within a tenant. */
export function objectIdOf(tenantId: string, name: string): string {
  return v5(`object:${tenantId}:${name.trim().toLowerCase()}`, namespace);
}

/** The one Azure subscription of this machine. */
export const localSubscriptionId = v5('subscription', namespace);

/** The tenant in which the service itself is registered. */
export const serviceTenantId = tenantIdOf('session-recording-service');
