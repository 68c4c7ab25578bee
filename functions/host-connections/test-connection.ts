/** Tests a host connection: sign-in, subscription, and every permission that the service needs (HST-1). */
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { serviceActions } from '../../arm-templates/package/service-role';
import { AZURE_SCOPE, type AzureSubscription, callAzure } from '../../shared/azure/azure-calls';
import { AzureError, isRetryable } from '../../shared/azure/azure-error';
import { type AzureReader, azureReader } from '../../shared/azure/azure-reader';
import { type FieldError, Problem } from '../../shared/problem';
import { missingActions, type Permission } from './missing-actions';

const SUBSCRIPTIONS_API = '2022-12-01';
const PERMISSIONS_API = '2022-04-01';
/** In the other states its resources can be read at most. */
const USABLE_STATES = ['Enabled', 'Warned', 'PastDue'];

export const connectionTestView = z
  .object({
    succeeded: z.boolean().describe('Whether sites can be deployed through the connection'),
    subscriptionName: z.string().optional().describe('Name of the subscription, where it could be read'),
    failure: z
      .object({
        code: z.string().describe('Code of Azure or of Microsoft Entra ID'),
        message: z.string(),
        field: z.string().optional().describe('The field of the connection that is wrong'),
        correlationId: z.string().optional().describe("For Microsoft's support"),
      })
      .optional()
      .describe('Why the application could not sign in or read the subscription'),
    missingActions: z
      .array(z.string())
      .describe('Each permission that the application lacks in the subscription'),
  })
  .meta({ id: 'HostConnectionTest', description: 'Result of the test of a host connection' });

export type ConnectionTest = z.input<typeof connectionTestView>;

/**
 * What Azure says of the connection.
 * @throws Problem `unavailable` when Azure did not answer, or asks to come again
 */
export async function testConnection(
  subscription: AzureSubscription,
  servicePrincipalObjectId: string,
): Promise<ConnectionTest> {
  try {
    await checkPrincipal(subscription, servicePrincipalObjectId);
    const reader = azureReader(subscription);
    const subscriptionName = await readSubscription(reader);
    const permissions = await reader.list('/providers/Microsoft.Authorization/permissions', PERMISSIONS_API);
    const missing = missingActions(serviceActions(), permissions as Permission[]);
    return { succeeded: missing.length === 0, subscriptionName, missingActions: missing };
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    return failedTest(error);
  }
}

/** The result of a test that could not be completed. @throws Problem `unavailable` for a failure that passes */
export function failedTest(error: AzureError): ConnectionTest {
  const { code, message, correlationId } = error.info;
  if (isRetryable(error)) {
    const { retryAfterSeconds = 5 } = error;
    throw new Problem('unavailable', `Azure cannot be reached now (${code}): try again later.`, {
      retryAfterSeconds,
      cause: error,
    });
  }
  const failure = { code, message: ADVICE[code] ?? message, field: FIELDS[code], correlationId };
  return { succeeded: false, failure, missingActions: [] };
}

/** @throws Problem `connection-test-failed` unless the test succeeded */
export function requireSuccess({ succeeded, failure, missingActions: missing }: ConnectionTest): void {
  if (succeeded) return;
  const errors: FieldError[] = failure
    ? [{ pointer: failure.field ? `/${failure.field}` : '', detail: failure.message }]
    : missing.map((action) => ({ pointer: '/subscriptionId', detail: `The application lacks ${action}.` }));
  const detail = failure
    ? `${failure.message} (${failure.code})`
    : `The application lacks ${missing.length} permissions in the subscription: assign it the custom role of ` +
      'GET /onboarding/appRegistration.';
  throw new Problem('connection-test-failed', detail, { errors });
}

/** Which field an error is about. */
const FIELDS: Readonly<Record<string, string>> = {
  AADSTS7000215: 'clientSecret',
  AADSTS7000222: 'clientSecret',
  ClientSecretMissing: 'clientSecret',
  AADSTS90002: 'tenantId',
  AADSTS900023: 'tenantId',
  InvalidAuthenticationTokenTenant: 'tenantId',
  AADSTS700016: 'applicationId',
  AADSTS7000112: 'applicationId',
  ServicePrincipalMismatch: 'servicePrincipalObjectId',
  SubscriptionNotFound: 'subscriptionId',
  SubscriptionDisabled: 'subscriptionId',
  AuthorizationFailed: 'subscriptionId',
};

/** Where Azure's own message does not say what to do. */
const ADVICE: Readonly<Record<string, string>> = {
  InvalidAuthenticationTokenTenant:
    'The subscription belongs to another directory. Check the directory (tenant) id and the subscription id.',
  SubscriptionNotFound:
    'The subscription does not exist, or the application has no role in it. Check the subscription id, and assign the role.',
  AuthorizationFailed: 'The application has no role in the subscription that lets it read the subscription.',
};

/** The token names the service principal: it must be the one that was entered. */
async function checkPrincipal({ credential }: AzureSubscription, objectId: string): Promise<void> {
  const token = await callAzure(({ abortSignal }) => credential.getToken(AZURE_SCOPE, { abortSignal }));
  const actual = token === null ? undefined : decodeJwt(token.token)['oid'];
  if (actual === objectId) return;
  const message =
    'The service principal of the application has another object id. Take that of the enterprise application, ' +
    'not that of the app registration.';
  throw new AzureError({ code: 'ServicePrincipalMismatch', message }, 400);
}

/** The name of the subscription. @throws AzureError `SubscriptionDisabled` when nothing can be deployed in it */
async function readSubscription(reader: AzureReader): Promise<string | undefined> {
  const { displayName, state = '' } = (await reader.get('', SUBSCRIPTIONS_API)) as {
    displayName?: string;
    state?: string;
  };
  if (USABLE_STATES.includes(state)) return displayName;
  const message = `The subscription is in the state ${state}: enable it in Azure first.`;
  throw new AzureError({ code: 'SubscriptionDisabled', message }, 409);
}
