/** Routes of the Key Vault stand-in and its token challenge. */
import { type JWTVerifyGetKey } from 'jose';
import { type AccessControl, type Operation } from '../../access/access-control';
import { requireBearer } from '../../stand-in-support/bearer';
import { HttpError } from '../../stand-in-support/errors';
import { type Handler, type LocalRequest, type Middleware } from '../../stand-in-support/server';
import { type Vault } from './vault';
import { deletedItem, latest, page, readSetBody, readUpdateBody, secretBundle, secretItem } from './wire';

const audience = 'https://vault.azure.net';
const apiVersions = new Set(['7.5', '7.6', '2025-07-01']);

/**
 * Refuses tokens for other resources, and says in `WWW-Authenticate` where and for what to get one; and callers whose roles
 * do not permit the operation.
 */
export function keyVaultAuthentication(
  keys: JWTVerifyGetKey,
  authority: string,
  access: AccessControl,
): Middleware {
  const challenge = `Bearer authorization="${authority}", resource="${audience}"`;
  return requireBearer({
    keys,
    audience,
    refuse: (detail) =>
      new HttpError(401, 'Unauthorized', `AKV10000: ${detail}`, {
        headers: { 'www-authenticate': challenge },
      }),
    authorization: {
      access,
      operationOf,
      refuse: ({ name }) =>
        new HttpError(403, 'Forbidden', `Caller is not authorized to perform action on resource: ${name}.`, {
          innerCode: 'ForbiddenByRbac',
        }),
    },
  });
}

/**
 * By method and the first segments of the path. Source:
 * https://learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftkeyvault.
 */
const PERMISSIONS: readonly (readonly [call: RegExp, name: string, permission: string])[] = [
  [/^PUT \/secrets\//, 'Set Secret', 'setSecret/action'],
  [/^GET \/secrets(\/[^/]+\/versions)?\/?$/, 'Get Secrets', 'readMetadata/action'],
  [/^GET \/secrets\//, 'Get Secret', 'getSecret/action'],
  [/^PATCH \/secrets\//, 'Update Secret', 'update/action'],
  [/^DELETE \/secrets\//, 'Delete Secret', 'delete'],
  [/^GET \/deletedsecrets/, 'Get Deleted Secrets', 'readMetadata/action'],
  [/^POST \/deletedsecrets\/[^/]+\/recover/, 'Recover Deleted Secret', 'recover/action'],
  [/^DELETE \/deletedsecrets\//, 'Purge Deleted Secret', 'purge/action'],
];

/** What is not in the table needs the right to all of it; the route, if there is none, answers 501. */
function operationOf({ method, url }: LocalRequest): Operation {
  const [, name = 'Unknown', permission = '*'] =
    PERMISSIONS.find(([call]) => call.test(`${method} ${url.pathname}`)) ?? [];
  return { name, needed: [[`Microsoft.KeyVault/vaults/secrets/${permission}`]] };
}

/** `vaultUrl` without a trailing slash; it is part of every secret's id. */
export function keyVaultRoutes(vault: Vault, vaultUrl: string): Record<string, Handler> {
  const routes: Record<string, Handler> = {
    'PUT /secrets/{name}': (request) => {
      const { value, change } = readSetBody(request);
      const secret = vault.set(secretName(request), value, change);
      return { status: 200, body: secretBundle(vaultUrl, secret, latest(secret)) };
    },
    'GET /secrets': (request) =>
      page(vaultUrl, request, vault.list('live'), (secret) => secretItem(vaultUrl, secret)),
    'GET /secrets/{name}/versions': (request) => {
      const { secret } = vault.get(secretName(request));
      const versions = [...secret.versions].sort((left, right) => (left.version < right.version ? -1 : 1));
      return page(vaultUrl, request, versions, (version) => secretItem(vaultUrl, secret, version));
    },
    'GET /secrets/{name}': (request) => getSecret(vault, vaultUrl, request),
    'GET /secrets/{name}/{version}': (request) => getSecret(vault, vaultUrl, request),
    'PATCH /secrets/{name}/{version}': (request) => {
      const change = readUpdateBody(request);
      const { secret, version } = vault.update(secretName(request), request.params.version ?? '', change);
      return { status: 200, body: secretItem(vaultUrl, secret, version) };
    },
    'DELETE /secrets/{name}': (request) => {
      const secret = vault.delete(secretName(request));
      return { status: 200, body: deletedItem(vaultUrl, secret, true) };
    },
    'GET /deletedsecrets': (request) =>
      page(vaultUrl, request, vault.list('deleted'), (secret) => deletedItem(vaultUrl, secret, false)),
    'GET /deletedsecrets/{name}': (request) => {
      const secret = vault.getDeleted(secretName(request));
      return { status: 200, body: deletedItem(vaultUrl, secret, true) };
    },
    'POST /deletedsecrets/{name}/recover': (request) => {
      const secret = vault.recover(secretName(request));
      return { status: 200, body: secretItem(vaultUrl, secret, latest(secret)) };
    },
    'DELETE /deletedsecrets/{name}': (request) => {
      vault.purge(secretName(request));
      return { status: 204 };
    },
  };
  return Object.fromEntries(Object.entries(routes).map(([key, handle]) => [key, withApiVersion(handle)]));
}

function getSecret(vault: Vault, vaultUrl: string, request: LocalRequest): ReturnType<Handler> {
  const { secret, version } = vault.get(secretName(request), request.params.version);
  if (!version.enabled) {
    throw new HttpError(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', {
      innerCode: 'SecretDisabled',
    });
  }
  return { status: 200, body: secretBundle(vaultUrl, secret, version) };
}

function secretName(request: LocalRequest): string {
  const name = request.params.name ?? '';
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) {
    throw new HttpError(400, 'BadParameter', `The request URI contains an invalid name: ${name}`);
  }
  return name;
}

function withApiVersion(handle: Handler): Handler {
  return (request) => {
    const version = request.url.searchParams.get('api-version');
    if (version === null || !apiVersions.has(version)) {
      const known = [...apiVersions].join(', ');
      throw new HttpError(400, 'BadParameter', `api-version '${version ?? ''}' is not one of ${known}.`);
    }
    return handle(request);
  };
}
