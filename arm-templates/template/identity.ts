/** The managed identity of the machines: it can read the secrets of their key vault, and nothing else. */
import { expression, type Resource, resourceId } from './arm';
import { nameExpression, vaultName } from './resource-names';
import { LOCATION, type NestedTemplate, TAGS } from './nested-template';
import { IDENTITY_API_VERSION, roleAssignment, ROLES } from './roles';

export const identityId = resourceId(
  'Microsoft.ManagedIdentity/userAssignedIdentities',
  nameExpression('identity'),
);

/** The identity and its only role assignment. */
export function identityTemplate(): NestedTemplate {
  const identity: Resource = {
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    name: expression(nameExpression('identity')),
    location: LOCATION,
    tags: TAGS,
    properties: {},
  };
  const { resource } = roleAssignment({
    role: ROLES.keyVaultSecretsUser,
    scope: { type: 'Microsoft.KeyVault/vaults', name: vaultName },
    principal: { id: identityId, apiVersion: IDENTITY_API_VERSION, isSystemAssigned: false },
  });
  return {
    name: 'identity',
    dependsOn: ['key-vault'],
    resources: [identity, { ...resource, dependsOn: [expression(identityId)] }],
  };
}
