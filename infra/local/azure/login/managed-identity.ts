/**
 * `GET /msi/token`: the endpoint from which a function app gets the tokens of its managed identities. Source:
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference.
 */
import { identitiesOf } from '../../access/identities';
import { header, type LocalRequest, type Reply } from '../../stand-in-support/server';
import { lifetimeSeconds, type ServicePrincipal, type TokenIssuer } from './token-issuer';

/** What the platform puts into `IDENTITY_HEADER`, so that nobody but the app can ask. `app`: the app's own identity. */
export function identityHeaderOf(app: ServicePrincipal): string {
  return identitiesOf(app).functionsHost.clientSecret;
}

/** Answers for the two identities that are assigned to the function app, by their client id: both are user-assigned. */
export async function managedIdentityToken(
  request: LocalRequest,
  issuer: TokenIssuer,
  principal: ServicePrincipal,
): Promise<Reply> {
  if (header(request, 'x-identity-header') !== identityHeaderOf(principal))
    return refusal(401, 'Unauthorized');
  const { searchParams } = request.url;
  const resource = searchParams.get('resource');
  if (searchParams.get('api-version') !== '2019-08-01' || !resource)
    return refusal(400, 'Needed are api-version=2019-08-01 and a resource.');
  const { app, functionsHost } = identitiesOf(principal);
  const identity = [app, functionsHost].find(({ clientId }) => clientId === searchParams.get('client_id'));
  if (identity === undefined)
    return refusal(
      400,
      'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
    );
  return {
    status: 200,
    body: {
      access_token: await issuer.forResource(identity, resource.replace(/\/$/, '')),
      client_id: identity.clientId,
      expires_on: String(Math.floor(Date.now() / 1000) + lifetimeSeconds),
      resource,
      token_type: 'Bearer',
    },
  };
}

function refusal(statusCode: number, message: string): Reply {
  return { status: statusCode, body: { statusCode, message } };
}
