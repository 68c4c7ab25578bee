/**
 * Who may call storage, as an account without shared keys decides it: by the roles of the token's identity, or of the
 * identity that signed a URL. Azurite takes any token for anything, so the proxy before it asks.
 */
import { type IncomingMessage } from 'node:http';
import { jwtVerify, type JWTVerifyGetKey } from 'jose';
import { type Refusal } from '../../faults/fault-injector';
import { type AccessControl } from '../../access/access-control';
import { storageOperation } from './operations';

export interface StorageAuthorizationOptions {
  readonly service: 'blob' | 'queue';
  readonly keys: JWTVerifyGetKey;
  readonly access: AccessControl;
}

/** Undefined when the call may go on; else storage's refusal. `path`: without the account. */
export type StorageAuthorization = (
  incoming: Pick<IncomingMessage, 'method' | 'headers'>,
  path: string,
) => Promise<Refusal | undefined>;

/** Verified tokens are remembered until they expire, this many at most. */
const MAX_REMEMBERED = 1000;

export function storageAuthorization(options: StorageAuthorizationOptions): StorageAuthorization {
  const verify = tokenVerifier(options.keys);
  return async (incoming, path) => {
    const { method = 'GET' } = incoming;
    // Anonymous, as are calls without any credential: those are refused by Azurite, as no container is public.
    if (method === 'OPTIONS') return undefined;
    const { authorization } = incoming.headers;
    const parameters = new URLSearchParams(path.split('?')[1]);
    if (authorization === undefined && !parameters.has('sig')) return undefined;
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    const objectId = token === undefined ? parameters.get('skoid') : await verify(token);
    if (token === undefined && objectId === null) return KEYS_ARE_OFF;
    if (objectId === undefined) return INVALID_TOKEN;
    const operation = storageOperation(options.service, { method, path });
    if (operation === undefined) return unknownOperation(method, path);
    return options.access.allows(objectId, operation) ? undefined : notPermitted(operation.name);
  };
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message, retryAfterSeconds: undefined };
}

/** Source: https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent. */
const KEYS_ARE_OFF = refusal(
  403,
  'KeyBasedAuthenticationNotPermitted',
  'Key based authentication is not permitted on this storage account.',
);

const INVALID_TOKEN = refusal(
  401,
  'InvalidAuthenticationInfo',
  'Authentication information is not given in the correct format. Check the value of Authorization header.',
);

function notPermitted(operation: string): Refusal {
  const message = `This request is not authorized to perform this operation using this permission. (${operation})`;
  return refusal(403, 'AuthorizationPermissionMismatch', message);
}

function unknownOperation(method: string, path: string): Refusal {
  const what = `${method} ${path.split('?')[0]}`;
  return refusal(501, 'NotImplemented', `The local storage proxy does not know what ${what} needs.`);
}

/** The object id of a valid token; undefined for any other. */
function tokenVerifier(keys: JWTVerifyGetKey): (token: string) => Promise<unknown> {
  const remembered = new Map<string, { objectId: unknown; expiresAt: number }>();
  return async (token) => {
    const known = remembered.get(token);
    if (known !== undefined && known.expiresAt > Date.now()) return known.objectId;
    try {
      const { payload } = await jwtVerify(token, keys, {
        audience: ['https://storage.azure.com', 'https://storage.azure.com/'],
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'oid'],
      });
      const [oldest] = remembered.keys();
      if (oldest !== undefined && remembered.size >= MAX_REMEMBERED) remembered.delete(oldest);
      remembered.set(token, { objectId: payload.oid, expiresAt: (payload.exp ?? 0) * 1000 });
      return payload.oid;
    } catch {
      return undefined;
    }
  };
}
