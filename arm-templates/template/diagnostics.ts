/** Diagnostic settings: the logs of key vault, databases and file shares go to a Log Analytics workspace. */
import { concat, expression, parameter, type Resource, stringLiteral } from './arm';
import { DATABASES, nameExpression, vaultName } from './resource-names';
import type { NestedTemplate } from './nested-template';

/** The resources whose logs are collected, as scopes within the resource group. */
const SCOPES: readonly string[] = [
  concat(stringLiteral('Microsoft.KeyVault/vaults/'), vaultName),
  ...DATABASES.map((name) =>
    concat(
      stringLiteral('Microsoft.Sql/servers/'),
      nameExpression('sqlServer'),
      stringLiteral(`/databases/${name}`),
    ),
  ),
  ...(['recordingsAccount', 'archiveAccount'] as const).map((account) =>
    concat(
      stringLiteral('Microsoft.Storage/storageAccounts/'),
      nameExpression(account),
      stringLiteral('/fileServices/default'),
    ),
  ),
];

function setting(scope: string): Resource {
  return {
    type: 'Microsoft.Insights/diagnosticSettings',
    name: expression(concat(nameExpression('prefix'), stringLiteral('-logs'))),
    scope: expression(scope),
    properties: {
      workspaceId: expression(parameter('logAnalyticsWorkspaceId')),
      logs: [{ categoryGroup: 'allLogs', enabled: true }],
    },
  };
}

/** A diagnostic setting for each resource that has logs. */
export function diagnosticsTemplate(): NestedTemplate {
  return {
    name: 'diagnostics',
    dependsOn: ['storage', 'databases', 'key-vault'],
    resources: SCOPES.map(setting),
  };
}
