/** Issues the tokens: version 2.0 for administrators, version 1.0 ones for the service's own principal. */
import { createLocalJWKSet, SignJWT, type JSONWebKeySet, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { objectIdOf, tenantIdOf } from './directory-ids';
import { type SigningKey } from './signing-key';

/** The name in the directory of the API that administrators call. */
export const apiAudience = 'api://session-recording';

export const administratorRoles = ['FullAdmin', 'PrivilegedPlayerAdmin', 'ReadOnlyAdmin'] as const;
export type AdministratorRole = (typeof administratorRoles)[number];

interface AdministratorRequest {
  /** Absent: signed in, but without any app role. */
  role?: AdministratorRole;
  customer: string;
  user: string;
  groups: string[];
}

export interface ServicePrincipal {
  tenantId: string;
  clientId: string;
  clientSecret: string;
}

export interface TokenIssuer {
  jwks: JSONWebKeySet;
  /** Resolves keys for the stand-ins that verify tokens. */
  keys: JWTVerifyGetKey;
  /** An access token for an administrator; valid for an hour. */
  forAdministrator(request: AdministratorRequest): Promise<string>;
  /** An access token of the principal for a resource such as `https://vault.azure.net`; valid for an hour. */
  forResource(principal: ServicePrincipal, resource: string): Promise<string>;
}

export const lifetimeSeconds = 3600;

/** `origin` is the login stand-in's own `https://127.0.0.1:<port>`. */
export function createTokenIssuer(origin: string, key: SigningKey): TokenIssuer {
  const jwks: JSONWebKeySet = { keys: [key.publicJwk] };
  const sign = (claims: JWTPayload): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ ...claims, iat: now, nbf: now, exp: now + lifetimeSeconds })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.publicJwk.kid })
      .sign(key.privateKey);
  };
  return {
    jwks,
    keys: createLocalJWKSet(jwks),
    forAdministrator: (request) => sign(administratorClaims(origin, request)),
    forResource: (principal, resource) => sign(applicationClaims(principal, resource)),
  };
}

function administratorClaims(origin: string, request: AdministratorRequest): JWTPayload {
  const tenantId = tenantIdOf(request.customer);
  const objectId = objectIdOf(tenantId, request.user);
  return {
    iss: `${origin}/${tenantId}/v2.0`,
    aud: apiAudience,
    sub: objectId,
    tid: tenantId,
    oid: objectId,
    preferred_username: request.user,
    name: displayName(request.user),
    ver: '2.0',
    ...(request.role === undefined ? {} : { roles: [`SessionRecording.${request.role}`] }),
    ...(request.groups.length === 0 ? {} : { groups: request.groups }),
  };
}

/** The claims of a version 1.0 token: Azurite accepts no other issuer than this one. */
function applicationClaims(principal: ServicePrincipal, resource: string): JWTPayload {
  const objectId = objectIdOf(principal.tenantId, principal.clientId);
  return {
    iss: `https://sts.windows.net/${principal.tenantId}/`,
    aud: resource,
    sub: objectId,
    oid: objectId,
    tid: principal.tenantId,
    appid: principal.clientId,
    appidacr: '1',
    idtyp: 'app',
    ver: '1.0',
  };
}

/** `ada.lovelace@contoso.example` → `Ada Lovelace`. */
function displayName(user: string): string {
  const words = (user.split('@')[0] ?? user).split(/[._-]+/).filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}
