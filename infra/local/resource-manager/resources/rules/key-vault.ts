/**
 * Vaults: names are taken in all of Azure, also by vaults that were deleted and can be recovered.
 * https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
 */
import { armError } from '../../arm-error';
import { asText, type Value } from '../../expressions/values';
import { type StoredResource } from '../../store';
import { at, type Draft, textAt } from '../draft';
import { badRequest, conflict, isTakenElsewhere, type RuleContext, type Rules } from './rule';

const defaultRetentionDays = 90;

export const keyVaultRules: Rules = {
  'microsoft.keyvault/vaults': {
    preflight: (draft) => {
      if (draft.known.name?.test(draft.id.name)) return;
      throw badRequest(
        'VaultNameNotValid',
        `The vault name '${draft.id.name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The ` +
          'name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this ' +
          'link for more information: https://go.microsoft.com/fwlink/?linkid=2147742',
      );
    },
    check: requireFreeName,
    complete: ({ id, properties }, { tenantId }) => ({
      vaultUri: `https://${id.name.toLowerCase()}.vault.azure.net/`,
      tenantId: properties.tenantId ?? tenantId,
      enableSoftDelete: true,
      softDeleteRetentionInDays: properties.softDeleteRetentionInDays ?? defaultRetentionDays,
    }),
    made: ({ id }, { store }) => store.deletedVaults.delete(id.name),
    deleted: softDelete,
  },
  'microsoft.keyvault/vaults/secrets': {
    complete: ({ id }) => {
      const [vault = ''] = id.fullName.split('/');
      const secretUri = `https://${vault.toLowerCase()}.vault.azure.net/secrets/${id.name}`;
      return { secretUri, secretUriWithVersion: secretUri };
    },
  },
};

function requireFreeName(draft: Draft, context: RuleContext): void {
  const { id, properties, existing } = draft;
  if (isTakenElsewhere(draft, context)) {
    throw conflict(
      'VaultAlreadyExists',
      `The vault name '${id.name}' is already in use. Vault names are globally unique so it is possible that the name ` +
        'is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the ' +
        'same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a ' +
        'recoverable state then the vault will need to be purged before reusing the name. For more information on soft ' +
        'delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.',
    );
  }
  const isRecovery = textAt(properties, 'createMode')?.toLowerCase() === 'recover';
  if (context.store.deletedVaults.get(id.name) !== undefined && !isRecovery) {
    throw conflict(
      'ConflictError',
      'A vault with the same name already exists in deleted state. You need to either recover or purge existing key ' +
        'vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.',
    );
  }
  const wasProtected = at(existing?.body, 'properties', 'enablePurgeProtection') === true;
  const isProtected: Value | undefined = properties.enablePurgeProtection;
  if (isProtected === false) {
    throw badRequest(
      'BadRequest',
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an ' +
        'irreversible action.',
    );
  }
  if (wasProtected && isProtected === undefined) properties.enablePurgeProtection = true;
}

function softDelete(vault: StoredResource, { store }: RuleContext): void {
  const retentionDays = Number(
    asText(at(vault.body, 'properties', 'softDeleteRetentionInDays') ?? defaultRetentionDays),
  );
  const now = Date.now();
  store.deletedVaults.put(vault.fullName, '', {
    name: vault.fullName,
    vaultId: vault.id,
    location: textAt(vault.body, 'location') ?? '',
    tags: {},
    deletionDate: new Date(now).toISOString(),
    scheduledPurgeDate: new Date(now + retentionDays * 86_400_000).toISOString(),
    isPurgeProtected: at(vault.body, 'properties', 'enablePurgeProtection') === true,
  });
}

/** @throws ArmError for one that is not there, or is protected */
export function purgeVault({ store }: Pick<RuleContext, 'store'>, name: string): void {
  const vault = store.deletedVaults.get(name);
  if (vault === undefined) {
    throw armError(404, 'DeletedVaultNotFound', `The specified deleted vault '${name}' does not exist.`);
  }
  if (vault.isPurgeProtected) {
    throw armError(405, 'MethodNotAllowed', "Operation 'DeletedVaultPurge' is not allowed.");
  }
  store.deletedVaults.delete(name);
}
