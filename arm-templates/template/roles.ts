/** Role assignments: the least that each identity needs, on the one resource that it needs it for. */
import { API_VERSIONS, call, concat, evaluated, quoted, type Resource, resourceId } from './arm';

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const ROLES = {
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
} as const;

interface Assignment {
  role: string;
  /** The resource that the role is held on. */
  scope: { type: 'Microsoft.KeyVault/vaults' | 'Microsoft.Storage/storageAccounts'; name: string };
  /** The identity, or the resource that has one of its own. */
  principalOf: { id: string; apiVersion: string; isOwnIdentity: boolean };
}

/** The assignment and its id. Its name follows from what it says, so that a repeated deployment makes no other one. */
export function roleAssignment({ role, scope, principalOf }: Assignment): { resource: Resource; id: string } {
  const scopeId = resourceId(scope.type, scope.name);
  const name = call('guid', scopeId, principalOf.id, quoted(role));
  const { id, apiVersion, isOwnIdentity } = principalOf;
  const principalId = isOwnIdentity
    ? `${call('reference', id, quoted(apiVersion), quoted('full'))}.identity.principalId`
    : `${call('reference', id, quoted(apiVersion))}.principalId`;
  const resource: Resource = {
    type: 'Microsoft.Authorization/roleAssignments',
    name: evaluated(name),
    scope: evaluated(concat(quoted(`${scope.type}/`), scope.name)),
    properties: {
      roleDefinitionId: evaluated(
        call('subscriptionResourceId', quoted('Microsoft.Authorization/roleDefinitions'), quoted(role)),
      ),
      principalId: evaluated(principalId),
      principalType: 'ServicePrincipal',
    },
  };
  return {
    resource,
    id: call('extensionResourceId', scopeId, quoted('Microsoft.Authorization/roleAssignments'), name),
  };
}

export const IDENTITY_API_VERSION = API_VERSIONS['Microsoft.ManagedIdentity/userAssignedIdentities'];
