/** The identity with which the app accesses Azure: no account keys, locally or in Azure. */
import {
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  type TokenCredentialOptions,
} from '@azure/identity';
import type { Config } from './config';
import { NotAnswered, TIME_LIMITS, withinTimeLimit } from './time-limits';
import { timedHttpClient } from './timed-http-client';

const ISSUER = 'The issuer of access tokens';

/**
 * A client secret where one is configured (one machine), else the app's managed identity. Its tokens come within a time
 * limit.
 */
export function appCredential(config: Config): TokenCredential {
  return boundedCredential(credentialOf(config));
}

/**
 * A credential whose tokens come within a time limit. Whatever else fails, no caller is to blame: every failure is one
 * to retry, also those of an issuer that drops connections or of a wrong client secret, for which the SDK has errors of
 * many kinds.
 */
export function boundedCredential(credential: TokenCredential): TokenCredential {
  return {
    getToken: async (scopes, options) => {
      try {
        // The credentials of the SDK do not abort their requests on the caller's signal.
        return await withinTimeLimit(ISSUER, TIME_LIMITS.token, (abortSignal) =>
          credential.getToken(scopes, { ...options, abortSignal }),
        );
      } catch (error) {
        throw error instanceof NotAnswered
          ? error
          : new TokenUnavailable('The service got no access token for its own identity', { cause: error });
      }
    },
  };
}

/** The SDK's own errors have no code that says so. */
class TokenUnavailable extends Error {
  override readonly name = 'TokenUnavailable';
  readonly code = 'EHOSTUNREACH';
}

function credentialOf({ identity }: Config): TokenCredential {
  const options: TokenCredentialOptions = {
    httpClient: timedHttpClient(ISSUER, () => TIME_LIMITS.tokenRequest),
    retryOptions: { maxRetries: 2, maxRetryDelayInMs: 1_000 },
  };
  if (identity.tenantId && identity.clientId && identity.clientSecret) {
    return new ClientSecretCredential(identity.tenantId, identity.clientId, identity.clientSecret, {
      ...options,
      ...(identity.authorityHost ? { authorityHost: identity.authorityHost } : {}),
      disableInstanceDiscovery: identity.disableInstanceDiscovery,
    });
  }
  return identity.clientId
    ? new ManagedIdentityCredential({ ...options, clientId: identity.clientId })
    : new ManagedIdentityCredential(options);
}
