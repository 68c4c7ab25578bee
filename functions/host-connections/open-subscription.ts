/** Opens the Azure subscription of a host connection, with the credential of its application. */
import { ClientSecretCredential, type TokenCredential } from '@azure/identity';
import type { AzureSubscription } from '../../shared/azure/azure-calls';
import { AzureError } from '../../shared/azure/azure-error';
import { signInError } from '../../shared/azure/sign-in-errors';
import type { Services } from '../../shared/services';
import { TIME_LIMITS, withinTimeLimit } from '../../shared/time-limits';
import { timedHttpClient } from '../../shared/timed-http-client';
import type { HostConnection } from './host-connection';

const ISSUER = 'Microsoft Entra ID';

/**
 * The subscription as the clients of Azure take it. Nothing is asked of Azure yet: the sign-in is part of the first call,
 * and fails with an AzureError of the code that Entra gives (`AADSTS…`).
 * @throws AzureError `ClientSecretMissing` when the secret store does not have the client secret
 */
export async function openSubscription(
  { config, secrets }: Pick<Services, 'config' | 'secrets'>,
  connection: Pick<HostConnection, 'subscriptionId' | 'tenantId' | 'applicationId' | 'secretId'>,
): Promise<AzureSubscription> {
  const clientSecret = await secrets.get(connection.secretId);
  if (clientSecret === undefined) {
    const message = 'The client secret of the host connection is missing: enter it again.';
    throw new AzureError({ code: 'ClientSecretMissing', message }, 401);
  }
  return subscriptionWith({ config }, { ...connection, clientSecret });
}

/** The same, with a client secret that is not stored. */
export function subscriptionWith(
  { config }: Pick<Services, 'config'>,
  {
    subscriptionId,
    ...application
  }: Pick<HostConnection, 'subscriptionId' | 'tenantId' | 'applicationId'> & { clientSecret: string },
): AzureSubscription {
  const endpoint = config.hostConnections.resourceManagerUrl;
  return { subscriptionId, credential: credentialOf({ config }, application), endpoint };
}

/** Its failures are AzureErrors, in time. */
function credentialOf(
  { config }: Pick<Services, 'config'>,
  {
    tenantId,
    applicationId,
    clientSecret,
  }: { tenantId: string; applicationId: string; clientSecret: string },
): TokenCredential {
  const { authorityHost, disableInstanceDiscovery } = config.identity;
  const credential = new ClientSecretCredential(tenantId, applicationId, clientSecret, {
    httpClient: timedHttpClient(ISSUER, () => TIME_LIMITS.tokenRequest),
    retryOptions: { maxRetries: 1, maxRetryDelayInMs: 1_000 },
    ...(authorityHost ? { authorityHost } : {}),
    disableInstanceDiscovery,
  });
  return {
    getToken: async (scopes, options) => {
      try {
        return await withinTimeLimit(ISSUER, TIME_LIMITS.token, (abortSignal) =>
          credential.getToken(scopes, { ...options, abortSignal }),
        );
      } catch (error) {
        throw signInError(error);
      }
    },
  };
}
