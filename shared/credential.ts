/** The identity with which the app reaches Azure: no keys, here as there. */
import {
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  type TokenCredentialOptions,
} from '@azure/identity';
import type { Config } from './config';
import { TIME_LIMITS, withinTimeLimit } from './time-limits';
import { timedHttpClient } from './timed-http-client';

const ISSUER = 'The issuer of access tokens';

/**
 * A client secret where one is configured (one machine), else the app's managed identity. Its tokens come within a time
 * limit.
 */
export function appCredential(config: Config): TokenCredential {
  const credential = credentialOf(config);
  return {
    // The credentials of the SDK do not end their requests when the caller's signal asks for it.
    getToken: (scopes, options) =>
      withinTimeLimit(ISSUER, TIME_LIMITS.token, (abortSignal) =>
        credential.getToken(scopes, { ...options, abortSignal }),
      ).catch((error: unknown) => {
        throw isUnavailable(error)
          ? new TokenUnavailable('No access token can be had', { cause: error })
          : error;
      }),
  };
}

/** The issuer cannot be reached; the SDK's own error does not say so in a code. */
class TokenUnavailable extends Error {
  override readonly name = 'TokenUnavailable';
  readonly code = 'EHOSTUNREACH';
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && error.name === 'CredentialUnavailableError';
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
