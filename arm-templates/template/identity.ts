/** The identity of the machines: it reads the secrets of their vault, and may do nothing else. */
import { evaluated, type Resource, resourceId } from './arm';
import { nameOf, vaultName } from './names';
import { LOCATION, type Part, TAGS } from './part';
import { IDENTITY_API_VERSION, roleAssignment, ROLES } from './roles';

export const identityId = resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', nameOf('identity'));

/** The identity and its one role. */
export function identityPart(): Part {
  const identity: Resource = {
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    name: evaluated(nameOf('identity')),
    location: LOCATION,
    tags: TAGS,
    properties: {},
  };
  const { resource } = roleAssignment({
    role: ROLES.keyVaultSecretsUser,
    scope: { type: 'Microsoft.KeyVault/vaults', name: vaultName },
    principalOf: { id: identityId, apiVersion: IDENTITY_API_VERSION, isOwnIdentity: false },
  });
  return {
    name: 'identity',
    after: ['key-vault'],
    resources: [identity, { ...resource, dependsOn: [evaluated(identityId)] }],
  };
}
