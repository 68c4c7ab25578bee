/** Routes of the login stand-in: OpenID Connect discovery, keys and the token endpoint. */
import { type Handler, type Reply } from '../../stand-in-support/server';
import { identitiesOf } from '../../access/identities';
import { managedIdentityToken } from './managed-identity';
import { issueToken } from './token-endpoint';
import { type ServicePrincipal, type TokenIssuer } from './token-issuer';

/** `{tenant}` is a GUID, or `common`/`organizations` for what concerns all of them. */
export function loginRoutes(
  origin: string,
  issuer: TokenIssuer,
  principal: ServicePrincipal,
): Record<string, Handler> {
  const identities = Object.values(identitiesOf(principal));
  return {
    'GET /msi/token': (request) => managedIdentityToken(request, issuer, principal),
    'GET /{tenant}/v2.0/.well-known/openid-configuration': (request) =>
      discovery(origin, request.params.tenant ?? 'common'),
    'GET /{tenant}/discovery/v2.0/keys': () => ({ status: 200, body: issuer.jwks }),
    'POST /{tenant}/oauth2/v2.0/token': (request) => issueToken(request, issuer, identities),
    // The Azure CLI accepts an unknown authority only with this ending, and then names no tenant.
    'GET /adfs/.well-known/openid-configuration': () => discovery(origin, 'adfs'),
    'POST /adfs/oauth2/token': (request) =>
      issueToken({ ...request, params: { tenant: principal.tenantId } }, issuer, identities),
  };
}

function discovery(origin: string, tenant: string): Reply {
  const forAllTenants = tenant === 'common' || tenant === 'organizations';
  return {
    status: 200,
    body: {
      issuer: `${origin}/${forAllTenants ? '{tenantid}' : tenant}/v2.0`,
      jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
      token_endpoint: `${origin}/${tenant}/oauth2/${tenant === 'adfs' ? '' : 'v2.0/'}token`,
      // The client library requires this member; there is no sign-in here.
      authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      grant_types_supported: ['client_credentials'],
      response_types_supported: ['token'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
  };
}
