/** Role assignments with least privilege: each on a single resource. */
import { API_VERSIONS, call, concat, expression, stringLiteral, type Resource, resourceId } from './arm';

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const ROLES = {
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
} as const;

interface Assignment {
  role: string;
  /** The resource on which the role is assigned. */
  scope: { type: 'Microsoft.KeyVault/vaults' | 'Microsoft.Storage/storageAccounts'; name: string };
  /** The managed identity, or the resource with a system-assigned identity. */
  principal: { id: string; apiVersion: string; isSystemAssigned: boolean };
}

/** The assignment and its id. Its name is a hash of its content, so that a repeated deployment is idempotent. */
export function roleAssignment({ role, scope, principal }: Assignment): { resource: Resource; id: string } {
  const scopeId = resourceId(scope.type, scope.name);
  const name = call('guid', scopeId, principal.id, stringLiteral(role));
  const { id, apiVersion, isSystemAssigned } = principal;
  const principalId = isSystemAssigned
    ? `${call('reference', id, stringLiteral(apiVersion), stringLiteral('full'))}.identity.principalId`
    : `${call('reference', id, stringLiteral(apiVersion))}.principalId`;
  const resource: Resource = {
    type: 'Microsoft.Authorization/roleAssignments',
    name: expression(name),
    scope: expression(concat(stringLiteral(`${scope.type}/`), scope.name)),
    properties: {
      roleDefinitionId: expression(
        call(
          'subscriptionResourceId',
          stringLiteral('Microsoft.Authorization/roleDefinitions'),
          stringLiteral(role),
        ),
      ),
      principalId: expression(principalId),
      principalType: 'ServicePrincipal',
    },
  };
  return {
    resource,
    id: call('extensionResourceId', scopeId, stringLiteral('Microsoft.Authorization/roleAssignments'), name),
  };
}

export const IDENTITY_API_VERSION = API_VERSIONS['Microsoft.ManagedIdentity/userAssignedIdentities'];
