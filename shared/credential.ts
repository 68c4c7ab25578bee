/** The identity with which the app reaches Azure: no keys, here as there. */
import { ClientSecretCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import type { Config } from './config';

/** A client secret where one is configured (one machine), else the app's managed identity. */
export function appCredential({ identity }: Config): TokenCredential {
  if (identity.tenantId && identity.clientId && identity.clientSecret) {
    return new ClientSecretCredential(identity.tenantId, identity.clientId, identity.clientSecret, {
      ...(identity.authorityHost ? { authorityHost: identity.authorityHost } : {}),
      disableInstanceDiscovery: identity.disableInstanceDiscovery,
    });
  }
  return identity.clientId
    ? new ManagedIdentityCredential({ clientId: identity.clientId })
    : new ManagedIdentityCredential();
}
