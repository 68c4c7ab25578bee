/** Vaults that were deleted and can be recovered or purged. https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults */
import { type LocalRequest } from '../../stand-in-support/server';
import { armError } from '../arm-error';
import { findType } from '../known-types';
import { purgeVault } from '../resources/rules/key-vault';
import { type DeletedVault } from '../store';
import { type RestContext, subscriptionPath } from './context';
import { listReply } from './paging';
import { param, type Route } from './router';

const BASE = '/subscriptions/{subscription}/providers/Microsoft.KeyVault';
const ONE = `${BASE}/locations/{location}/deletedVaults/{name}`;

export function deletedVaultRoutes(context: RestContext): Route[] {
  const { deletedVaults } = context.store;
  const apiVersions = findType('Microsoft.KeyVault/vaults')?.apiVersions ?? [];
  const described = (vault: DeletedVault): object => describe(context, vault);
  return [
    {
      method: 'GET',
      path: `${BASE}/deletedVaults`,
      apiVersions,
      handle: (request) => listReply(request, deletedVaults.all().map(described)),
    },
    {
      method: 'GET',
      path: ONE,
      apiVersions,
      handle: (request) => ({ status: 200, body: described(found(context, request)) }),
    },
    {
      method: 'POST',
      path: `${ONE}/purge`,
      apiVersions,
      handle: (request) => {
        purgeVault(context, found(context, request).name);
        return { status: 200 };
      },
    },
  ];
}

function found({ store }: RestContext, request: LocalRequest): DeletedVault {
  const vault = store.deletedVaults.get(param(request, 'name'));
  if (vault !== undefined) return vault;
  throw armError(
    404,
    'DeletedVaultNotFound',
    `The specified deleted vault '${param(request, 'name')}' does not exist.`,
  );
}

function describe(context: RestContext, vault: DeletedVault): object {
  const { name, vaultId, location, tags, deletionDate, scheduledPurgeDate, isPurgeProtected } = vault;
  return {
    id: `${subscriptionPath(context)}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}`,
    name,
    type: 'Microsoft.KeyVault/deletedVaults',
    properties: {
      vaultId,
      location,
      tags,
      deletionDate,
      scheduledPurgeDate,
      ...(isPurgeProtected ? { purgeProtectionEnabled: true } : {}),
    },
  };
}
