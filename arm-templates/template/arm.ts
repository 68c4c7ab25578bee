/** ARM templates: their JSON structure, the API version of each resource type, and expressions. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type ParameterDeclaration = {
  type: 'string' | 'securestring' | 'int' | 'array' | 'object';
  metadata: { description: string };
  defaultValue?: Json;
};

export type Copy = { name: string; count: string };

export interface Resource {
  type: ResourceType;
  name: string;
  location?: string;
  scope?: string;
  tags?: string;
  zones?: Json;
  copy?: Copy;
  dependsOn?: string[];
  sku?: Json;
  kind?: string;
  identity?: Json;
  properties: { [key: string]: Json };
}

export type Output = {
  type: 'string' | 'int' | 'array' | 'object';
  value?: Json;
  copy?: { count: string; input: Json };
};

export type Template = {
  $schema: string;
  contentVersion: string;
  parameters: Record<string, ParameterDeclaration>;
  resources: Json[];
  outputs: Record<string, Output>;
};

export const TEMPLATE_SCHEMA =
  'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';

/** The API version of each resource type. */
export const API_VERSIONS = {
  'Microsoft.Authorization/roleAssignments': '2022-04-01',
  'Microsoft.Compute/availabilitySets': '2026-03-01',
  'Microsoft.Compute/virtualMachines': '2026-03-01',
  'Microsoft.Compute/virtualMachines/extensions': '2026-03-01',
  'Microsoft.Compute/virtualMachines/runCommands': '2026-03-01',
  'Microsoft.Insights/diagnosticSettings': '2021-05-01-preview',
  'Microsoft.KeyVault/vaults': '2024-11-01',
  'Microsoft.KeyVault/vaults/secrets': '2024-11-01',
  'Microsoft.ManagedIdentity/userAssignedIdentities': '2024-11-30',
  'Microsoft.Network/dnsForwardingRulesets': '2025-05-01',
  'Microsoft.Network/dnsForwardingRulesets/forwardingRules': '2025-05-01',
  'Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks': '2025-05-01',
  'Microsoft.Network/dnsResolvers': '2025-05-01',
  'Microsoft.Network/dnsResolvers/outboundEndpoints': '2025-05-01',
  'Microsoft.Network/loadBalancers': '2025-05-01',
  'Microsoft.Network/networkInterfaces': '2025-05-01',
  'Microsoft.Network/networkSecurityGroups': '2025-05-01',
  'Microsoft.Network/privateDnsZones': '2024-06-01',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': '2024-06-01',
  'Microsoft.Network/privateEndpoints': '2025-05-01',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': '2025-05-01',
  'Microsoft.Network/publicIPAddresses': '2025-05-01',
  'Microsoft.Resources/deployments': '2024-03-01',
  'Microsoft.Sql/servers': '2023-08-01',
  'Microsoft.Sql/servers/auditingSettings': '2023-08-01',
  'Microsoft.Sql/servers/databases': '2023-08-01',
  'Microsoft.Sql/servers/virtualNetworkRules': '2023-08-01',
  'Microsoft.Storage/storageAccounts': '2025-08-01',
  'Microsoft.Storage/storageAccounts/fileServices': '2025-08-01',
  'Microsoft.Storage/storageAccounts/fileServices/shares': '2025-08-01',
} as const satisfies Record<string, string>;

export type ResourceType = keyof typeof API_VERSIONS;

/** The JSON of a resource in a template, with the API version of its type. */
export function toJson({ type, name, ...rest }: Resource): Json {
  return { type, apiVersion: API_VERSIONS[type], name, ...(rest as { [key: string]: Json }) };
}

/**
 * Wraps an expression in brackets. The functions below build expressions without brackets, so that they nest. Text of
 * a plan is never part of an expression: it is passed in parameters.
 */
export const expression = (inner: string): string => `[${inner}]`;
export const call = (name: string, ...inner: string[]): string => `${name}(${inner.join(', ')})`;
export const stringLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const parameter = (name: string): string => call('parameters', stringLiteral(name));
export const concat = (...inner: string[]): string => call('concat', ...inner);

/** The id of a resource in the resource group of the deployment. */
export function resourceId(type: string, ...names: string[]): string {
  return call('resourceId', stringLiteral(type), ...names);
}
