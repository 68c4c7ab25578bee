/** The custom role of the application of a host connection: what the service does in the subscription of a customer. */
import { everyRight } from './required-rights';

/** What the service calls itself, beside deploying a template. */
const OWN_CALLS = [
  'Microsoft.Authorization/permissions/read',
  'Microsoft.Authorization/roleAssignments/delete',
  'Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read',
  'Microsoft.Compute/locations/usages/read',
  'Microsoft.Compute/skus/read',
  'Microsoft.CostManagement/forecast/read',
  'Microsoft.CostManagement/query/read',
  'Microsoft.Network/locations/usages/read',
  'Microsoft.Network/networkSecurityGroups/securityRules/read',
  'Microsoft.Network/networkSecurityGroups/securityRules/write',
  'Microsoft.Network/networkSecurityGroups/securityRules/delete',
  'Microsoft.Network/virtualNetworks/read',
  'Microsoft.Resources/deployments/cancel/action',
  'Microsoft.Resources/deployments/delete',
  'Microsoft.Resources/subscriptions/locations/read',
  'Microsoft.Resources/subscriptions/resourceGroups/delete',
  'Microsoft.Resources/subscriptions/resources/read',
  'Microsoft.Sql/locations/capabilities/read',
  'Microsoft.Storage/skus/read',
  'Microsoft.Storage/storageAccounts/fileServices/shares/delete',
];

/** What the role had before and the service does without: customers who compare the roles find all of it. */
const FORMER_ACTIONS = [
  'Microsoft.Authorization/roleDefinitions/delete',
  'Microsoft.Authorization/roleDefinitions/write',
  'Microsoft.KeyVault/locations/deletedVaults/purge/action',
  'Microsoft.Sql/servers/firewallRules/write',
];

/** Every action of the role; sorted, each once. */
export function serviceActions(): string[] {
  return [...new Set([...everyRight(), ...OWN_CALLS, ...FORMER_ACTIONS])].sort();
}
